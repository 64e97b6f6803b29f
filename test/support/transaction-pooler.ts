import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client } from 'pg';

/*
 * A pooler for tests, as PgBouncer is in transaction mode: between two transactions every client's words go over one
 * and the same server connection, whose process number no client is told. What it does not do: passwords (it lets
 * everybody in), TLS, cancelling, more than one server connection.
 */
export interface TransactionPooler extends AsyncDisposable {
  readonly port: number;
}

/** @param behind a database with the password in its URL */
export async function transactionPooler(behind: string): Promise<TransactionPooler> {
  const client = new Client({ connectionString: behind });
  client.on('error', () => undefined);
  await client.connect();
  const backend = new Backend(client.connection.stream);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    serve(socket, backend);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      backend.end();
    },
  };
}

/** The one server connection, lent for a transaction at a time. */
class Backend {
  readonly #stream: Duplex;
  #turn: Promise<void> = Promise.resolve();
  #taker: ((answer: Buffer) => void) | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    // From here on the words are not for the client that opened it.
    stream.removeAllListeners('data').on('data', (data: Buffer) => this.#taker?.(data));
  }

  /** Gives the connection to one client until its transaction is over. */
  async lend(
    take: (answer: Buffer) => void,
  ): Promise<{ readonly send: (words: Buffer) => void; readonly free: () => void }> {
    const before = this.#turn;
    const mine = Promise.withResolvers<void>();
    this.#turn = mine.promise;
    await before;
    this.#taker = take;
    return {
      send: (words) => this.#stream.write(words),
      free: () => {
        this.#taker = undefined;
        mine.resolve();
      },
    };
  }

  end(): void {
    this.#stream.destroy();
  }
}

function serve(socket: Socket, backend: Backend): void {
  let pending = Buffer.alloc(0);
  let isIn = false;
  let lent: Promise<Awaited<ReturnType<Backend['lend']>>> | undefined;
  const answer = (data: Buffer) => {
    socket.write(data);
    // Ready for a query, and in no transaction: https://www.postgresql.org/docs/current/protocol-message-formats.html
    if (!data.subarray(-6).equals(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]))) return;
    void lent?.then(({ free }) => free());
    lent = undefined;
  };
  socket.on('data', (data: Buffer) => {
    if (isIn) {
      if (data[0] === 0x58) return void socket.end();
      lent ??= backend.lend(answer);
      return void lent.then(({ send }) => send(data));
    }
    pending = Buffer.concat([pending, data]);
    if (pending.length < 4 || pending.length < pending.readInt32BE(0)) return;
    if (pending.includes('options\0'))
      return void socket.end(refusal('unsupported startup parameter: options'));
    isIn = true;
    socket.write(welcome);
  });
}

function message(kind: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(kind), length, body]);
}

function refusal(text: string): Buffer {
  return message('E', Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${text}\0\0`));
}

// Let in, with a process number and key of its own making, ready for a query.
const welcome = Buffer.concat([
  message('R', Buffer.from([0, 0, 0, 0])),
  message('K', Buffer.from([0x7f, 0, 0, 1, 0, 0, 0, 1])),
  message('Z', Buffer.from('I')),
]);
