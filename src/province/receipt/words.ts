import type { Locale } from '../../shared/words.ts';
import type { Standing } from './look-up.ts';

/** What the receipt page says, in both languages. */
export interface ReceiptWords {
  readonly title: string;
  readonly heldHeading: string;
  readonly heldMarks: readonly [string, string, string];
  readonly heldNote: string;
  readonly standingNotes: Readonly<Record<Standing, string>>;
  readonly changedHeading: string;
  readonly changedNote: string;
  readonly unknownHeading: string;
  readonly unknownNote: string;
  readonly notACodeHeading: string;
  readonly notACodeNote: string;
  readonly tooManyHeading: string;
  readonly tooManyNote: string;
  readonly hall: string;
  readonly counter: string;
  readonly settledAt: string;
  readonly receivedAt: string;
  readonly code: string;
}

export const RECEIPT_WORDS: Readonly<Record<Locale, ReceiptWords>> = {
  'zh-CN': {
    title: '评价回执',
    heldHeading: '您的评价已送达',
    heldMarks: ['已冻结', '未改动', '已送达'],
    heldNote: '此页只证明评价已完整送达，不显示评价等级。任何人凭回执码都看不到您的选择。',
    standingNotes: {
      counted: '',
      second: '这项服务在此之前已有一次评价，以先到的为准；本次评价原样留存，不重复计入统计。',
      noToken: '本大厅只统计附有叫号系统号票凭证的评价；本次评价没有有效凭证，原样留存，不计入统计。',
    },
    changedHeading: '核对未通过',
    changedNote: '留存的记录与回执不一致。请保留回执码，并联系大厅工作人员。',
    unknownHeading: '尚未收到',
    unknownNote:
      '评价已保存在评价器中，网络恢复后会自动送达。请稍后再看；若回执码是手工输入的，请核对是否有误。',
    notACodeHeading: '回执码不完整',
    notACodeNote: '回执码共 12 位，形如 7K2M-Q0XD-94TB，印在评价完成的页面上。',
    tooManyHeading: '查询过于频繁',
    tooManyNote: '请稍等片刻再试。',
    hall: '大厅',
    counter: '窗口',
    settledAt: '评价时间',
    receivedAt: '送达时间',
    code: '回执码',
  },
  en: {
    title: 'Rating receipt',
    heldHeading: 'Your rating has arrived',
    heldMarks: ['Frozen', 'Unchanged', 'Delivered'],
    heldNote:
      'This page proves only that the rating arrived complete. It does not show the level: nobody who has the code can see what you chose.',
    standingNotes: {
      counted: '',
      second:
        'This service had been rated before. The earlier rating counts; this one is kept as it is and not counted again.',
      noToken:
        'This hall counts only ratings that come with proof from the queue system that the ticket was served. This one came without valid proof: it is kept as it is and not counted.',
    },
    changedHeading: 'The check failed',
    changedNote:
      'The record that is held does not match this receipt. Please keep the code and ask the staff of the hall.',
    unknownHeading: 'Not here yet',
    unknownNote:
      'The rating is kept in the device and will be delivered by itself when the network is back. Please look again later; if you typed the code, please check it.',
    notACodeHeading: 'This is not a whole receipt code',
    notACodeNote:
      'A code has 12 characters, such as 7K2M-Q0XD-94TB, and stands on the last page of the rating.',
    tooManyHeading: 'Too many requests',
    tooManyNote: 'Please wait a moment and try again.',
    hall: 'Hall',
    counter: 'Counter',
    settledAt: 'Rated',
    receivedAt: 'Delivered',
    code: 'Receipt code',
  },
};

/** The language a browser asks for first, of the two there are. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const q = parameters.find((parameter) => parameter.trim().startsWith('q='));
      return { tag, weight: q === undefined ? 1 : Number(q.trim().slice(2)) || 0 };
    })
    .filter(({ tag, weight }) => weight > 0 && /^(zh|en)\b/.test(tag))
    .sort((a, b) => b.weight - a.weight);
  return wanted[0]?.tag.startsWith('en') ? 'en' : 'zh-CN';
}
