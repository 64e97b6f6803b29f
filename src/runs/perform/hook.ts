import { MigrateError } from '../../lib/errors.ts';
import { safe } from '../../lib/safe-text.ts';
import type { Step } from '../../operations/plan/step.ts';
import { asStep, interrupted, type RunContext } from '../context.ts';

/** Runs a command of the project, without a terminal; its exit status decides whether the run goes on. */
export async function performHook(
  { hook, command }: Extract<Step, { kind: 'hook' }>,
  context: RunContext,
): Promise<void> {
  // Loaded by the first hook: most runs have none, and it is half as large as all else that they load.
  const { execa } = await import('execa');
  await asStep(context, { step: 'hook', database: '', stopping: `ctrl-c ends ${hook}` }, async () => {
    const result = await execa(command, {
      shell: true,
      cwd: context.projectRoot,
      env: { MIGRATE_TUI_HOOK: hook, MIGRATE_TUI_ENVIRONMENT: context.environment.name, NO_COLOR: '1' },
      stdin: 'ignore',
      all: true,
      reject: false,
      cancelSignal: context.signal,
    });
    // A hook that was cut off because the run was asked to stop is no failure of the hook.
    if (context.signal.aborted) throw interrupted(`during the hook ${hook}`);
    if (result.exitCode !== 0) throw failed(hook, command, result.exitCode, result.all);
    return { says: `${hook} ended with 0` };
  });
}

function failed(hook: string, command: string, exitCode: number | undefined, output: string): MigrateError {
  const lastLine = safe(output.trimEnd().split('\n').at(-1) ?? '', { lines: 'one' });
  const said = lastLine === '' ? 'It said nothing.' : `Its last line: ${lastLine}`;
  const how = exitCode === undefined ? 'did not end by itself' : `ended with ${exitCode}`;
  return new MigrateError('refused', `The hook ${hook} ${how}: ${safe(command, { lines: 'one' })}. ${said}`, {
    next: 'Correct the hook or its cause, then run it again.',
  });
}
