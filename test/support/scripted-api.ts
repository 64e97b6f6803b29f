import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Secret } from '../../src/lib/secret.ts';
import type { D1RemoteAddress } from '../../src/engines/address.ts';

export interface ScriptedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
  /** Parsed JSON, or the text. */
  readonly body: unknown;
}

/** `cut`: the connection ends without an answer; `half`: in the middle of it; `silent`: no answer ever. */
export type ScriptedAnswer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly json: unknown }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly text: string }
  | 'cut'
  | 'half'
  | 'silent';

/** An HTTP server on loopback that answers as a test says, for answers that no healthy service gives. */
export async function scriptedApi(
  answer: (request: ScriptedRequest, seen: number) => ScriptedAnswer | Promise<ScriptedAnswer>,
) {
  const requests: ScriptedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void readWhole(incoming).then(async (body) => {
      const request = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        authorization: incoming.headers.authorization,
        body,
      };
      requests.push(request);
      reply(outgoing, await answer(request, requests.filter(({ path }) => path === request.path).length));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The address of a database there, by the id that `describedDatabase` has. */
export function scriptedAddress(url: string, changes: Partial<D1RemoteAddress> = {}): D1RemoteAddress {
  return {
    kind: 'd1-remote',
    database: describedDatabase.uuid,
    account: 'acc',
    credentials: { kind: 'token', token: new Secret('s3cret-token') },
    api: url,
    ...changes,
  };
}

export const describedDatabase = {
  uuid: '11111111-2222-3333-4444-555555555555',
  name: 'shop-production',
  version: 'production',
  file_size: 4096,
};

/** The envelope around a result. */
export function done(result: unknown): ScriptedAnswer {
  return { json: { success: true, errors: [], messages: [], result } };
}

/** The envelope around a refusal. */
export function refused(status: number, code: number, message: string): ScriptedAnswer {
  return { status, json: { success: false, errors: [{ code, message }], messages: [], result: null } };
}

function reply(outgoing: ServerResponse, answer: ScriptedAnswer): void {
  if (answer === 'silent') return;
  if (answer === 'cut') {
    outgoing.destroy();
    return;
  }
  if (answer === 'half') {
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    outgoing.write('{"success": true', () => outgoing.destroy());
    return;
  }
  const body = 'json' in answer ? JSON.stringify(answer.json) : answer.text;
  outgoing.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
  outgoing.end(body);
}

async function readWhole(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
