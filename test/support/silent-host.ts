import { createServer, type Socket } from 'node:net';

/** A host that takes every connection and never says a word. */
export interface SilentHost extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** When somebody first asked it. */
  readonly met: Promise<void>;
}

export async function silentHost(): Promise<SilentHost> {
  const sockets = new Set<Socket>();
  const met = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    met.resolve();
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    met: met.promise,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
