const MOST = 80;
const QUOTED = 10;
const SECRET = /pass|secret|token|key|credential/i;

/**
 * What stands in a settings file, as a refusal may name it: refusals go to the log, to stderr and to the staff screen, so
 * nothing that lets anybody in may be in them.
 *
 * @param field the name of the field that holds the value, or the list that it stands in.
 * @param isBlock whether fields or a list belong there: then a text may be anything.
 */
export function shownValue(value: unknown, field = '', isBlock = false): string {
  if (value === undefined) return '未填写';
  if (isBlock && typeof value === 'string') return `文字（${value.length} 个字符）`;
  if (Array.isArray(value)) return `[${value.length} 项]`;
  if (value !== null && typeof value === 'object') return `{${Object.keys(value).join(', ')}}`.slice(0, MOST);
  if (value !== null && SECRET.test(field) && !/public/i.test(field)) return '（不显示）';
  return JSON.stringify(typeof value === 'string' ? withoutSecrets(value) : value).slice(0, MOST);
}

/** Why a text is not JSON, and where, without the piece of it that the engine quotes. */
export function shownJsonFault(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : '';
  const quote = /, (\.\.\.)?("[\s\S]*)$/.exec(message);
  const quoted = quote ? /^"([\s\S]*)"(\.\.\.)? is not valid JSON$/.exec(quote[2] ?? '')?.[1] : undefined;
  const what = (quote ? message.slice(0, quote.index) : message).replace(/ \(line \d+ column \d+\)$/, '');
  const position = /at position (\d+)/.exec(message)?.[1];
  const begins = quoted === undefined ? -1 : text.indexOf(quoted);
  // What is quoted begins ten signs before the fault, or where the file begins.
  const at = position !== undefined ? Number(position) : begins < 0 ? -1 : begins + (quote?.[1] ? QUOTED : 0);
  return at < 0 ? what : `${what}（第 ${text.slice(0, at).split('\n').length} 行）`;
}

/** As connection strings, addresses and people write it: `Pwd=…`, `db_password=…`, `"token": …`, `密码：…`. */
const SETTING =
  /[\w-]*(?:pwd|pw|pass|secret|token|key|credential|密码|口令|密钥)[\w-]*["']?\s*[=:：]|\bbearer\s/i;

/** Whoever writes an address by hand may put a name and a password before its @, in any form, and a token behind its ?. */
function withoutSecrets(text: string): string {
  const at = text.lastIndexOf('@');
  const begin = /^\s*[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? '';
  const rest = at < begin.length ? text.slice(begin.length) : `…@${text.slice(at + 1)}`;
  const address = `${begin}${rest}`.replace(/\?[\s\S]*$/, '?…');
  const settings = address.search(SETTING);
  return settings < 0 ? address : `${address.slice(0, settings)}…`;
}
