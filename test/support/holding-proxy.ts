import { connect, createServer, type Socket } from 'node:net';

/** Whether a connection is to be held before these bytes, of which so many from the same side came by already. */
export type HoldBefore = (data: Buffer, passed: number) => boolean;

/** Stands between clients and a server on loopback, and lets nothing by any more at a moment that is chosen. */
export interface HoldingProxy extends AsyncDisposable {
  readonly port: number;
  /**
   * Holds the first connection on which one side says what is waited for.
   *
   * @returns when it is held; it stays so until `cutAll`
   */
  hold(side: 'client' | 'server', before: HoldBefore): Promise<void>;
  /** Breaks every connection now: of one that is held nobody hears that its client is gone. */
  cutAll(): void;
}

export async function holdingProxy(to: {
  readonly host: string;
  readonly port: number;
}): Promise<HoldingProxy> {
  const open = new Set<Socket>();
  let wanted: { readonly side: 'client' | 'server'; readonly before: HoldBefore; met(): void } | undefined;
  const server = createServer((client) => {
    const pair = [client, connect(to.port, to.host)] as const;
    const [, upstream] = pair;
    const end = () => {
      for (const socket of pair) {
        open.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of pair) {
      open.add(socket);
      socket.on('error', end).on('close', end);
    }
    let isHeld = false;
    const pump = (side: 'client' | 'server', from: Socket, into: Socket) => {
      let passed = 0;
      from.on('data', (data: Buffer) => {
        if (wanted?.side === side && wanted.before(data, passed)) {
          isHeld = true;
          for (const socket of pair) socket.pause();
          wanted.met();
          wanted = undefined;
        }
        // What was read before the pause is not passed on either.
        if (isHeld) return;
        passed += data.length;
        if (!into.write(data)) from.pause();
      });
      into.on('drain', () => {
        if (!isHeld) from.resume();
      });
    };
    pump('client', client, upstream);
    pump('server', upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const cutAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    hold: (side, before) => new Promise((met) => (wanted = { side, before, met })),
    cutAll,
    async [Symbol.asyncDispose]() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
