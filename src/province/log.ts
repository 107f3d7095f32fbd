/** What the province says to its operator. Never bodies, levels, texts, or keys. */
export interface ProvinceLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** One JSON object a line. */
export function createLineLog(write: (line: string) => void): ProvinceLog {
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

export const silentLog: ProvinceLog = { info() {}, warn() {}, error() {} };
