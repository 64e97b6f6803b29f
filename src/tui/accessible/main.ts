import { join } from 'node:path';
import type { ExitCode } from '../../lib/errors.ts';
import { packageRoot } from '../../lib/package-root.ts';
import { openClient, type Client } from '../client/client.ts';
import type { ScreenOptions } from '../main.tsx';
import { clientCommands } from './commands.ts';
import { converse } from './conversation.ts';
import { lineVoice } from './voice.ts';

/**
 * The linear form: whole sentences, one below the other, and answers of a line. No alternate screen, no signs,
 * no cursor; it asks the command line for the same documents as the screen.
 */
export async function runAccessible(options: ScreenOptions): Promise<ExitCode> {
  using client = openClientFor(options);
  const marksPastes = process.stdin.isTTY && process.stdout.isTTY ? 'asked' : 'not-asked';
  using voice = lineVoice(process.stdin, process.stdout, { marksPastes });
  using commands = clientCommands(client);
  const { promise: left, resolve: leave } = Promise.withResolvers<ExitCode>();
  const onSignal = (): void => {
    const asked = commands.stop();
    if (asked === 'nothing-runs') leave(130);
    else
      voice.say(
        asked === 'boundary' ? 'Stopping at the next boundary.' : 'The process of the run is asked to end.',
      );
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await Promise.race([converse(voice, commands), left]);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

function openClientFor({ cwd, project, config, showValues }: ScreenOptions): Client {
  return openClient({
    command: [process.execPath, join(packageRoot(), 'bin', 'migrate-tui.js')],
    flags: [
      ...(project === undefined ? [] : ['--project', project]),
      ...(config === undefined ? [] : ['--config', config]),
      ...(showValues === 'show' ? ['--show-values'] : []),
    ],
    cwd,
    env: process.env,
  });
}
