import type { Connection, Submittable } from 'pg';

/** Takes one piece of a table; what it returns is waited for before more is read. */
export type TakePiece = (piece: Buffer) => Promise<void> | undefined;

/** A COPY in the hands of `pg`, which calls the handlers, with how it ends: the number of rows. */
export interface CopyQuery extends Submittable {
  readonly finished: Promise<number>;
  readonly handleCopyData?: (message: { readonly chunk: Buffer }, connection: Connection) => void;
  readonly handleCopyInResponse?: (connection: Connection) => void;
  readonly handleCommandComplete: (message: { readonly text: string }) => void;
  readonly handleReadyForQuery: () => void;
  readonly handleError: (error: unknown) => void;
}

/**
 * `COPY … TO STDOUT`. The server sends one piece for each row, which is only valid until `take` returns:
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
 */
export function copyOutQuery(sql: string, take: TakePiece): CopyQuery {
  const end = Promise.withResolvers<number>();
  let rows = 0;
  let failure: unknown;
  const slowDown = (connection: Connection, until: Promise<void>) => {
    connection.stream.pause();
    until
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => connection.stream.resume());
  };
  return {
    finished: end.promise,
    submit: (connection) => connection.query(sql),
    ...ignored,
    handleCopyData({ chunk }, connection) {
      // The rest is on its way already; what cannot be kept is let by until it ends.
      if (failure !== undefined) return;
      try {
        const until = take(chunk);
        if (until) slowDown(connection, until);
      } catch (error) {
        failure = error;
      }
    },
    handleCommandComplete({ text }) {
      rows = rowsIn(text);
    },
    handleReadyForQuery() {
      if (failure === undefined) end.resolve(rows);
      else end.reject(failure);
    },
    handleError: (error) => end.reject(failure ?? error),
  };
}

/** `COPY … FROM STDIN`, fed from pieces that may end anywhere; one is asked for when the one before is sent. */
export function copyInQuery(sql: string, pieces: AsyncIterable<Uint8Array>): CopyQuery {
  const end = Promise.withResolvers<number>();
  let rows = 0;
  let failure: unknown;
  let isOver = false;
  const feed = async ({ stream }: Connection) => {
    try {
      for await (const piece of pieces) {
        if (isOver) return;
        stream.write(message('d', piece.length));
        await sent(stream, piece);
      }
      stream.write(message('c', 0));
    } catch (error) {
      failure = error;
      const reason = Buffer.from('stopped\0');
      stream.write(Buffer.concat([message('f', reason.length), reason]));
    }
  };
  return {
    finished: end.promise,
    submit: (connection) => connection.query(sql),
    ...ignored,
    handleCopyInResponse: (connection) => void feed(connection),
    handleCommandComplete({ text }) {
      rows = rowsIn(text);
    },
    handleReadyForQuery() {
      isOver = true;
      end.resolve(rows);
    },
    handleError(error) {
      isOver = true;
      end.reject(failure ?? error);
    },
  };
}

// What `pg` calls on any query of its own.
const ignored = {
  handleRowDescription: () => undefined,
  handleDataRow: () => undefined,
  handleEmptyQuery: () => undefined,
};

/** `COPY 41` */
function rowsIn(tag: string): number {
  return Number(/^COPY (\d+)$/.exec(tag)?.[1] ?? 0);
}

/** The head of a message: its letter, and the length of itself and what follows. */
function message(kind: 'd' | 'c' | 'f', length: number): Buffer {
  const head = Buffer.alloc(5, kind, 'latin1');
  head.writeUInt32BE(length + 4, 1);
  return head;
}

/** When nobody looks at the bytes any more. What a torn stream never sends is told by how the COPY ends. */
function sent(stream: Connection['stream'], piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => stream.write(piece, () => resolve()));
}
