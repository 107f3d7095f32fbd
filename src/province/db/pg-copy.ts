import type pg from 'pg';

/**
 * `COPY … FROM STDIN` with all rows at once, over a connection that `pg` looks after. `pg` leaves COPY to others, and the
 * libraries there are make a stream of it, piece by piece; here the rows lie ready. So statement, rows and end go out
 * in one write, without waiting for the server to ask for them: the protocol has a server that refuses the statement
 * drop what follows it.
 */
export function copyRows(client: pg.PoolClient, into: string, rows: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new Copy(`COPY ${into} FROM STDIN WITH (FORMAT binary)`, rows, resolve, reject));
  });
}

/** What `pg` calls while the connection answers to this statement. */
class Copy implements pg.Submittable {
  readonly #sql: string;
  readonly #rows: Uint8Array;
  readonly #done: () => void;
  readonly #failed: (error: Error) => void;
  /** `pg` puts here what ends its waiting for an answer. */
  callback: (error: Error | null) => void = () => {};

  constructor(sql: string, rows: Uint8Array, done: () => void, failed: (error: Error) => void) {
    this.#sql = sql;
    this.#rows = rows;
    this.#done = done;
    this.#failed = failed;
  }

  submit({ stream }: pg.Connection): void {
    stream.cork();
    stream.write(message('Q', Buffer.byteLength(this.#sql) + 1));
    stream.write(`${this.#sql}\0`);
    stream.write(message('d', this.#rows.length));
    stream.write(this.#rows);
    stream.write(message('c', 0));
    stream.uncork();
  }

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.callback(null);
    this.#done();
  }

  /** The server's refusal, after which it is ready for the next; or the connection's end. */
  handleError(error: Error): void {
    this.callback(error);
    this.#failed(error);
  }
}

/** The head of a message of PostgreSQL's protocol: its letter, and its length with the length itself. */
function message(type: 'Q' | 'd' | 'c', length: number): Buffer {
  const head = Buffer.allocUnsafe(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(length + 4, 1);
  return head;
}
