import type { Receiver } from '../project.ts';
import { bad, keys, listOf, oneOf, secret, text, type Place, type Read } from './shape.ts';

/** Who is told of runs, and where in the configuration that stands. */
export type ParsedReceiver = Receiver & { readonly at: Place };

/** One receiver, or a list of them. */
export const parseNotify: Read<readonly ParsedReceiver[]> = (value, at) =>
  Array.isArray(value) ? listOf(receiver)(value, at) : [receiver(value, at)];

const receiver: Read<ParsedReceiver> = (value, at) => {
  const read = keys({
    url: secret,
    command: listOf(text),
    on: listOf(oneOf('started', 'done', 'failed')),
    environments: listOf(text),
  })(value, at);
  const { on = ['done', 'failed'], environments } = read;
  return { to: destination(read, at), on, environments, at };
};

function destination(
  { url, command }: { readonly url?: string; readonly command?: readonly string[] },
  at: Place,
): Receiver['to'] {
  if (url !== undefined && command === undefined)
    return { kind: 'webhook', variable: url.slice('env:'.length) };
  if (command !== undefined && command.length > 0 && url === undefined)
    return { kind: 'command', words: command };
  throw bad(
    at,
    url === undefined ? 'does not say who is told' : 'names a url and a command',
    `Write url: env('NAME') or command: ['program', 'argument'] in ${at.file}; several receivers are a list.`,
  );
}
