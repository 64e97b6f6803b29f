import { relative, resolve } from 'node:path';
import { watchInterrupts } from '../interrupt.ts';
import { asking, type Handler } from '../invocation.ts';
import { shown } from '../output/output.ts';
import { table } from '../output/table.ts';
import { commandLine } from '../../lib/command-line.ts';
import { toolRun } from '../tool-run.ts';

/** `demo [DIR]`: makes the practice project, then opens it where there is a terminal. */
export const handle: Handler = async (invocation) => {
  const { given, output, cwd } = invocation;
  const { makeDemo } = await import('../../demo/demo.ts');
  const directory = resolve(cwd, given.positionals[0] ?? 'migrate-tui-demo');
  const tell = toolRun(output);
  using interrupt = watchInterrupts({
    onFirst: () => output.say('The demo is left half-made; the next migrate-tui demo makes it again.'),
    secondExit: () => 130,
  });
  const begun = performance.now();
  const demo = await makeDemo({
    directory,
    signal: interrupt.signal,
    onProgress: ({ done, total, what }) => {
      if (done < total) tell({ kind: 'notice', level: 'info', message: `making ${what}` });
    },
  });
  const message = `The demo is in ${demo.directory}.`;
  const folder = relative(cwd, demo.directory) || '.';
  tell({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  if (asking(invocation) === 'possible' && !given.has('no-open')) {
    const { openScreen } = await import('../screen.ts');
    return openScreen(invocation, { project: folder });
  }
  output.answer([
    shown(message),
    ...table(
      demo.environments.map(({ name, says }) => [name, { text: says, as: 'dim' as const }]),
      [{}, { cut: 'end' }],
      output.style,
    ),
    '',
    'To go on:',
    ...[['status'], ['deploy', 'staging'], []].map(
      (words) => `  ${commandLine([...words, '--project', folder])}`,
    ),
  ]);
  return 0;
};
