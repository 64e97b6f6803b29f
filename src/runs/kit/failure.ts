import { MigrateError } from '../../lib/errors.ts';
import { portablePath } from '../../lib/portable-path.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { kitProblem } from '../../operations/kit-problem.ts';
import type { KitSaid } from './run-kit.ts';

/** What drizzle-kit could not do, as an error that says what to do. */
export function kitFailure(
  command: string,
  { text, exitCode }: KitSaid,
  { root, again = command }: { readonly root: string; readonly again?: string },
): MigrateError {
  const problem = kitProblem(text);
  switch (problem.kind) {
    case 'asks':
      return new MigrateError(
        'refused',
        command === 'push'
          ? 'drizzle-kit push asks whether something was renamed or may be lost, and nobody can answer it here. Nothing was changed.'
          : `drizzle-kit ${command} asks whether something was renamed, and nobody can answer it here.`,
        { next: `Run migrate-tui ${again} on a terminal.` },
      );
    case 'code': {
      const file = portablePath(root, problem.file);
      const place = problem.line === undefined ? file : `${file}:${problem.line}`;
      return new MigrateError('config', `The schema cannot be loaded: ${place}: ${problem.message}`, {
        next: `Correct ${file}.`,
      });
    }
    case 'other':
      return new MigrateError(
        // What reaches a database fails there, too.
        command === 'push' ? 'statement-failed' : 'config',
        `drizzle-kit ${command} ended with ${exitCode ?? 'no status'}: ${problem.message}`,
        { next: `Run npx drizzle-kit ${command} to see all that it says.` },
      );
    default:
      return unreachable(problem);
  }
}
