import { mustBeWanted, type OpenView } from './connection.ts';

/** Values stay the text they came as: nothing of a hostile server is parsed into something else. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/** PostgreSQL. The client is loaded only here, so a tablet without such a link pays nothing for it. */
export const openPostgresql: OpenView = async (parts) => {
  const { default: pg } = await import('pg');
  mustBeWanted(parts);
  const { tls } = parts;
  const client = new pg.Client({
    host: parts.host,
    port: parts.port,
    database: parts.database,
    user: parts.user,
    password: parts.password,
    application_name: 'yiping',
    stream: () => parts.socket,
    keepAlive: true,
    types: AS_TEXT,
    ssl:
      tls === 'off'
        ? false
        : {
            rejectUnauthorized: true,
            minVersion: 'TLSv1.2',
            ...(tls.ca === undefined ? {} : { ca: tls.ca }),
          },
  });
  // Without a listener a connection that dies while idle would end the process.
  client.on('error', parts.onLost);
  client.on('end', () => parts.onLost(new Error('the connection ended')));
  await client.connect();
  // What is asked with values is asked again and again: under a name the server reads it once for the connection.
  const names = new Map<string, string>();
  const nameOf = (text: string): string => {
    const name = names.get(text) ?? `yiping_${names.size + 1}`;
    names.set(text, name);
    return name;
  };
  return {
    async query(text, params = []) {
      const question = params.length === 0 ? { text } : { text, values: [...params], name: nameOf(text) };
      return (await client.query<object>(question)).rows;
    },
    close: () => client.end(),
  };
};
