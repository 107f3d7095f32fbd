import { z } from 'zod';
import { cleanText, display, id, optionalCode, parseJson } from '../fields.ts';

/**
 * The business system's notify of a case, as form, JSON or query → plain values, pure. Only these fields are looked at;
 * those of the citizen (userName, contactPhone, certificateNo, passportName …) are not.
 */
const CaseSchema = z.object({
  /** 1 受理, 2 办结 */
  evalProcess: z.union([z.literal([1, 2]), z.enum(['1', '2']).transform((text) => (text === '1' ? 1 : 2))]),
  affairDealNo: id(32),
  /** Also the case number of the record, so it is clean or it is none. */
  affairSerialNo: id(50).refine((text) => cleanText(text, 50) === text),
  affairCode: optionalCode(33),
  affairName: display(100),
  affairDealOfficer: display(40),
  affairHandleItem: optionalCode(33),
});
const FIELDS = CaseSchema.keyof().options;

export interface NotifiedCase {
  readonly done: boolean;
  /** The clerk's number. */
  readonly dealNo: string;
  /** 办件编号 */
  readonly serialNo: string;
  readonly item: string | undefined;
  readonly taskCode: string | undefined;
  readonly officer: string | undefined;
}

/** @returns undefined for what is no notify. Never throws. */
export function readNotify(parts: {
  readonly contentType: string;
  readonly query: URLSearchParams;
  readonly body: string;
}): NotifiedCase | undefined {
  const read = CaseSchema.safeParse(fieldsOf(parts));
  if (!read.success) return undefined;
  const { data } = read;
  return {
    done: data.evalProcess === 2,
    dealNo: data.affairDealNo,
    serialNo: data.affairSerialNo,
    item: data.affairName,
    taskCode: data.affairHandleItem ?? data.affairCode,
    officer: data.affairDealOfficer,
  };
}

function fieldsOf(parts: Parameters<typeof readNotify>[0]): unknown {
  if (parts.contentType.toLowerCase().includes('json')) return parseJson(parts.body);
  const said = parts.body === '' ? parts.query : new URLSearchParams(parts.body);
  return Object.fromEntries(FIELDS.flatMap((field) => (said.has(field) ? [[field, said.get(field)]] : [])));
}
