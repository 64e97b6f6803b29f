import { connect, createServer, type Socket } from 'node:net';

/** What happens when a client's words with a certain text come by. */
export type Cut =
  /** The text never gets to the server. */
  | 'before'
  /** The server gets the text, the client no answer. */
  | 'after'
  /** The text never gets to the server, which does not hear that the client is gone either. */
  | 'half';

/** Stands between a client and a server on loopback, and breaks the connection when it is told to. */
export interface CutProxy extends AsyncDisposable {
  readonly port: number;
  /** Breaks the connection the next time a client says this. */
  cutAt(text: string, how: Cut): void;
  /** Breaks every connection now. */
  cutAll(): void;
  /** Whether the text came by since. */
  readonly wasMet: () => boolean;
}

export async function cutProxy(to: { readonly host: string; readonly port: number }): Promise<CutProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let wanted: { readonly text: string; readonly how: Cut } | undefined;
  const server = createServer((client) => {
    const upstream = connect(to.port, to.host);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    let isMute = false;
    client.on('data', (data) => {
      const cut = wanted && data.includes(wanted.text) ? wanted.how : undefined;
      if (cut) wanted = undefined;
      if (cut === 'before') return end();
      if (cut === 'half') {
        client.off('close', end).destroy();
        return;
      }
      if (cut === 'after') isMute = true;
      upstream.write(data);
    });
    // Its answer shows that the server has done it.
    upstream.on('data', (data) => (isMute ? end() : client.write(data)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const cutAll = () => {
    for (const [client, upstream] of pairs) {
      client.destroy();
      upstream.destroy();
    }
  };
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cutAt: (text, how) => {
      wanted = { text, how };
    },
    cutAll,
    wasMet: () => wanted === undefined,
    async [Symbol.asyncDispose]() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
