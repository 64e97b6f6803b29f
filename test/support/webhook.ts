import { createServer, type ServerResponse } from 'node:http';

export interface Message {
  readonly path: string | undefined;
  readonly type: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A server on loopback that takes messages as a chat's webhook does. */
export interface Webhook extends AsyncDisposable {
  readonly host: string;
  /** Its path is a secret. */
  readonly url: string;
  /** Those that came, in order. */
  readonly messages: readonly Message[];
}

/** What may be in nothing that is written or said. */
export const secretPath = 'T0KEN-of-the-webhook';

/**
 * @param answer what is sent back; one that sends nothing keeps its caller waiting
 * @param port any free one unless given
 */
export async function webhook(
  answer: (response: ServerResponse, message: Message) => void = (response) => response.end('ok'),
  port = 0,
): Promise<Webhook> {
  const messages: Message[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const message = {
        path: request.url,
        type: request.headers['content-type'],
        body: request.method === 'POST' ? JSON.parse(text) : {},
      };
      messages.push(message);
      answer(response, message);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The webhook has no port.');
  const host = `127.0.0.1:${address.port}`;
  return {
    host,
    url: `http://${host}/hooks/${secretPath}?thread=${secretPath}`,
    messages,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
