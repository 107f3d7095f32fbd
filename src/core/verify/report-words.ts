import { brief, type Sentence } from '../../shared/journal/verify-words.ts';

/** Of a message: those of SQLite are longer than a name is. */
const DETAIL = 240;

/** What the verifier says of files as a whole; of entries: src/shared/journal/verify-words.ts. */
export const say = {
  empty: (): Sentence => ({
    en: 'Entry 1 is missing: the journal is empty.',
    'zh-CN': '第 1 条记录缺失：日志是空的。',
  }),
  damagedAt: (last: number, detail: string): Sentence => ({
    en: `Entry ${last + 1} cannot be read: the file is damaged there (${brief(detail, DETAIL)}). The entries before it verify.`,
    'zh-CN': `第 ${last + 1} 条记录无法读出：文件在此处损坏（${brief(detail, DETAIL)}）。之前的记录均通过校验。`,
  }),
  damaged: (detail: string): Sentence => ({
    en: `The file is damaged (${brief(detail, DETAIL)}). Set it aside, and compare a backup or the province's export.`,
    'zh-CN': `文件已损坏（${brief(detail, DETAIL)}）。请封存该文件，并用备份或省平台导出进行核对。`,
  }),
  schema: (name: string): Sentence => ({
    en: `Every entry verifies, but "${brief(name)}" of the database is not as the kiosk makes it: somebody worked on the file.`,
    'zh-CN': `所有记录均通过校验，但数据库中的“${brief(name)}”不是评价终端所建的样子：有人动过该文件。`,
  }),
  projection: (table: string): Sentence => ({
    en: `Every entry verifies, but the table "${table}" does not say what the journal says: somebody worked on the file. The journal counts.`,
    'zh-CN': `所有记录均通过校验，但“${table}”表与日志不一致：有人动过该文件。以日志为准。`,
  }),
  unknownSuite: (suite: string): Sentence => ({
    en: `The journal is sealed with ${brief(suite)}, which this version cannot check. Use a later version.`,
    'zh-CN': `日志使用 ${brief(suite)} 加封，本版本无法校验。请使用更新的版本。`,
  }),
  newer: (version: string): Sentence => ({
    en: `The journal was written by a newer Yiping (schema ${version}). Verify it with that version or a later one.`,
    'zh-CN': `日志由更新版本的一评写入（结构 ${version}）。请用该版本或更新的版本校验。`,
  }),
  neither: (file: string): Sentence => ({
    en: `${file} is neither a journal nor an export of one. Name a journal.sqlite, its folder, a backup, or an export as JSON lines.`,
    'zh-CN': `${file} 既不是日志，也不是日志导出。请指定 journal.sqlite、其所在文件夹、备份或 JSON 行导出。`,
  }),
  unreadable: (file: string, detail: string): Sentence => ({
    en: `${file} cannot be read: ${detail}. Check the name and the rights.`,
    'zh-CN': `无法读取 ${file}：${detail}。请检查名称和权限。`,
  }),
  against: (file: string, why: Sentence): Sentence => ({
    en: `There is nothing to compare with in ${file}. ${why.en}`,
    'zh-CN': `无法与 ${file} 比较。${why['zh-CN']}`,
  }),
  noEntries: (): Sentence => ({
    en: 'It holds no entry: it was cut, or is of a device that has delivered nothing. Fetch it again, or take another copy.',
    'zh-CN': '其中没有任何记录：它被截断，或所属设备尚未上报。请重新导出，或换用别的副本。',
  }),
  beyondBackups: (seq: number): Sentence => ({
    en: `Entry ${seq} was not compared with what somebody has seen of it: no backup goes that far. Ask the journal itself, or the backup of a later day.`,
    'zh-CN': `第 ${seq} 条记录未能与别处所见的哈希比对：没有备份到达该条。请改查日志本身或更晚的备份。`,
  }),
  brokenLine: (line: number, detail: string): Sentence => ({
    en: `Line ${line} of the export cannot be read: ${brief(detail, DETAIL)}. It was cut or changed on its way; fetch it again.`,
    'zh-CN': `导出的第 ${line} 行无法读取：${brief(detail, DETAIL)}。它在途中被截断或改动；请重新导出。`,
  }),
  notAsWritten: (line: number): Sentence => ({
    en: `Line ${line} of the export is not as a province writes it: a name stands twice, or there are spaces or numbers in other words. Others may read other values in it; fetch it again.`,
    'zh-CN': `导出的第 ${line} 行不是省平台所写的样子：有名称重复，或多了空格，或数字写法不同。别的程序可能读出不同的值；请重新导出。`,
  }),
  shorterThanNamed: (last: number, named: number): Sentence => ({
    en: `Entry ${last + 1} is missing: this backup ends at entry ${last}, but its name says ${named}. Its end was cut off, or an older copy was put in its place.`,
    'zh-CN': `第 ${last + 1} 条记录缺失：该备份止于第 ${last} 条，但其文件名写明第 ${named} 条。末尾被截去，或被换成了旧副本。`,
  }),
  laterKind: (seq: number, kind: string): Sentence => ({
    en: `Entry ${seq} is a ${brief(kind)}, which this version does not know: its chain and signature are checked, its meaning is not. Verify it with a later version.`,
    'zh-CN': `第 ${seq} 条记录（${brief(kind)}）是本版本不认识的类型：已校验其链与签名，未校验其含义。请用更新的版本校验。`,
  }),
  laterTables: (seq: number, kind: string): Sentence => ({
    en: `Entry ${seq} is a ${brief(kind)}, which this version does not know. Every entry verifies; whether the tables "rating" and "invitation" say what the journal says cannot be told. Verify it with a later version.`,
    'zh-CN': `第 ${seq} 条记录（${brief(kind)}）是本版本不认识的类型。所有记录均通过校验；“rating”与“invitation”表是否与日志一致无法判断。请用更新的版本校验。`,
  }),
  laterRule: (seq: number, kind: string, unjudged: number): Sentence => ({
    en: `Entry ${seq} is a ${brief(kind)}, which this version does not know. Chain and signatures verify; whether entry ${unjudged} breaks one service, one rating, or that kind allows it, cannot be told. Verify it with a later version.`,
    'zh-CN': `第 ${seq} 条记录（${brief(kind)}）是本版本不认识的类型。链与签名均通过校验；第 ${unjudged} 条是违反一次一评，还是为该类型所允许，无法判断。请用更新的版本校验。`,
  }),
  uncompared: (seq: number): Sentence => ({
    en: `Entry ${seq} was compacted to signed totals, so the hash that somebody has seen of it cannot be compared. Everything else verifies; ask the province for its export, which has the entry.`,
    'zh-CN': `第 ${seq} 条记录已归并为签名汇总，别处见过的该条哈希无法比对。其余均通过校验；请向省平台索取导出，其中有该条记录。`,
  }),
  good: (facts: {
    readonly deviceId: string;
    readonly entries: number;
    readonly ratings: number;
    readonly compacted: number;
    readonly head: string;
  }): Sentence => ({
    en: `Good: ${facts.entries} entries of ${facts.deviceId} from 1 to ${facts.entries}${facts.compacted > 0 ? ` (2 to ${facts.compacted + 1} compacted to signed totals)` : ''}, ${facts.ratings} ratings, none missing, none changed; head ${facts.head}.`,
    'zh-CN': `完好：${facts.deviceId} 的第 1 至 ${facts.entries} 条记录共 ${facts.entries} 条${facts.compacted > 0 ? `（第 2 至 ${facts.compacted + 1} 条已归并为签名汇总）` : ''}，评价 ${facts.ratings} 件，无缺失、无改动；末条 ${facts.head}。`,
  }),
  ownWord: (key: string): Sentence => ({
    en: `The key is the journal's own word: compare ${key} with the province's registry, or give it with --key. Entries cut off at the end show only against --head, --receipt or --against.`,
    'zh-CN': `公钥取自日志自身：请将 ${key} 与省平台登记的公钥核对，或用 --key 给出。末尾被截去的记录须用 --head、--receipt 或 --against 才能发现。`,
  }),
} as const;
