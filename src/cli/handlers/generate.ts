import { quantity } from '../../lib/numbers.ts';
import type { Generation } from '../../session/kit/generate.ts';
import { readDatabase } from '../consent.ts';
import { asking, type Handler } from '../invocation.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { toolRun } from '../tool-run.ts';
import { inSession } from './question.ts';

/** Has the project's drizzle-kit write the migration that its schema needs. */
export const handle: Handler = async (invocation) => {
  const { given, output } = invocation;
  const begun = performance.now();
  const [name] = given.positionals;
  const made = await inSession(
    invocation,
    (session, signal) =>
      session.generate({
        database: readDatabase(given),
        name,
        terminal: asking(invocation) === 'possible' ? 'ours' : 'none',
        signal,
      }),
    'end-work',
  );
  const command = output.style.command;
  const message =
    made.sql.length === 0
      ? `No schema changes: the schema of ${made.database} is what its migrations make.`
      : `${made.tool} wrote ${quantity(made.sql.length, 'migration')}. Read it, then try it with ${command(['dry-run', 'ENV'])}.`;
  const warnings = made.sql.length > 0 && made.notKnown > 0 ? [begunAnew(made, command)] : [];
  const tell = toolRun(output);
  for (const warning of warnings) tell({ kind: 'notice', level: 'warning', message: warning });
  tell({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  output.answer([
    shown(message),
    ...made.written.map(({ file, how }) => `  ${how === 'made' ? 'written' : 'changed'}  ${shown(file)}`),
    ...warnings.map(
      (warning) => `${output.style.paint('warn', output.style.signs.finding)} ${shown(warning)}`,
    ),
  ]);
  return 0;
};

function begunAnew({ notKnown, sql }: Generation, command: Style['command']): string {
  return (
    `The folder had ${quantity(notKnown, 'SQL file')} and no snapshot of Drizzle, so drizzle-kit wrote the whole schema: ` +
    `${sql.join(', ')} makes once more what is there. Where a database has it already, ${command(['mark', 'ENV', 'TAG', 'applied'])} records it.`
  );
}
