import type { StoredEntry } from '../shared/journal/verify.ts';
import { EVENT_TYPE_PREFIX } from '../shared/protocol/batch.ts';

/**
 * Entries as a CloudEvents batch, as JSON text. The canonical body is set in as it is stored: what is sent is
 * what was hashed, and nothing is parsed on the way.
 */
export function toEvents(deviceId: string, entries: readonly StoredEntry[]): string {
  const source = JSON.stringify(`/v1/devices/${deviceId}`);
  return `[${entries.map((entry) => toEvent(source, entry)).join(',')}]`;
}

function toEvent(source: string, { seq, id, kind, at, boot, mono, body, sig }: StoredEntry): string {
  const type = JSON.stringify(EVENT_TYPE_PREFIX + kind);
  const time = new Date(at).toISOString();
  const signature = sig === null ? '' : `,"sig":${JSON.stringify(sig)}`;
  const data = `{"seq":${seq},"boot":${JSON.stringify(boot)},"mono":${mono},"body":${body}${signature}}`;
  return `{"specversion":"1.0","id":${JSON.stringify(id)},"source":${source},"type":${type},"time":"${time}","data":${data}}`;
}
