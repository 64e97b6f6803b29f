import { placeFlags } from '../../lib/command-line.ts';
import type { ExitCode } from '../../lib/errors.ts';
import { openCommandLine } from '../client/command-line.ts';
import type { ScreenOptions } from '../screen-options.ts';
import { clientCommands } from './commands.ts';
import { converse } from './conversation.ts';
import { lineVoice } from './voice.ts';

/**
 * The linear form: whole sentences, one below the other, and answers of a line. No alternate screen, no signs,
 * no cursor; it asks the command line for the same documents as the screen.
 */
export async function runAccessible(options: ScreenOptions): Promise<ExitCode> {
  using client = openCommandLine(options);
  const marksPastes = process.stdin.isTTY && process.stdout.isTTY ? 'asked' : 'not-asked';
  using voice = lineVoice(process.stdin, process.stdout, { marksPastes });
  using commands = clientCommands(client, placeFlags(options));
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
