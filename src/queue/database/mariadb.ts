import { mustBeWanted, type OpenView } from './connection.ts';

/** MariaDB. The client is loaded only here, so a tablet without such a link pays nothing for it. */
export const openMariadb: OpenView = async (parts) => {
  const { createConnection } = await import('mysql2');
  mustBeWanted(parts);
  const { socket, tls } = parts;
  // The client checks a certificate against the name it sends, and sends none for an address. Node then looks here, and
  // without it would ask for a certificate made out to "localhost".
  Object.assign(socket, { _host: parts.host });
  const core = createConnection({
    host: parts.host,
    port: parts.port,
    database: parts.database,
    user: parts.user,
    password: parts.password,
    stream: () => {
      socket.setNoDelay(true).setKeepAlive(true).connect(parts.port, parts.host);
      return socket;
    },
    // A server may ask a client for files of its own. Not this one.
    flags: ['-LOCAL_FILES'],
    multipleStatements: false,
    enableCleartextPlugin: false,
    disableEval: true,
    dateStrings: true,
    charset: 'UTF8MB4_GENERAL_CI',
    ...(tls === 'off'
      ? {}
      : {
          ssl: {
            rejectUnauthorized: true,
            verifyIdentity: true,
            minVersion: 'TLSv1.2',
            ...(tls.ca === undefined ? {} : { ca: tls.ca }),
          },
        }),
  });
  // While it connects it may fail twice, and whoever waits hears only of the first; the second must not end the process.
  core.on('error', () => {});
  const connection = core.promise();
  await connection.connect();
  connection.on('error', parts.onLost);
  connection.on('end', () => parts.onLost(new Error('the connection ended')));
  return {
    async query(sql, params = []) {
      const [rows] =
        params.length === 0 ? await connection.query(sql) : await connection.execute(sql, [...params]);
      return Array.isArray(rows) ? rows : [];
    },
    close: () => connection.end(),
  };
};
