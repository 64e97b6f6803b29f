import { classify } from '../../sql/classify.ts';
import { goOn } from './go-on.ts';
import { earliest, latest, type HalfRun } from './half-run.ts';
import type { WaysInput } from './input.ts';
import { mayRunAgain } from './once-more.ts';
import { openRebuilds } from './open-rebuilds.ts';
import type { Option } from './option.ts';
import { seesLater } from './order-matters.ts';
import { reachedRows } from './reached-rows.ts';
import { droppedBy } from './dropped-by.ts';
import { anotherText, asUnits, capital, statementNamed, statementsFrom } from './words.ts';

/** Goes on behind the last statement that is sure to have run. */
export function resuming(half: HalfRun, input: WaysInput): Option {
  const { migration } = half;
  const from = earliest(half);
  const of = migration.statements.length;
  if (from === 0) return closed('There is nothing to go on from: no statement is sure to have run.');
  if (from === of) return closed('Nothing is left to run.');
  if (input.diagnosed.edited === 'before-the-stop') return closed(anotherText);
  const copying = openRebuilds(half).find(({ phase }) => phase === 'copying');
  if (copying) {
    return closed(
      `The rebuild of ${copying.table} is in its middle: whether all rows are in ${copying.via} is not proven, and going on would drop ${copying.table}.`,
    );
  }
  const twice = notTwice(half);
  if (twice !== undefined) return closed(`${capital(twice)}.`);
  const backup = input.backups.kind === 'kept' ? input.backups.backup : undefined;
  const left = goOn(half, { from, facts: input.facts, backup });
  if (left.kind === 'closed') return closed(`${capital(left.why)}.`);
  const reached = reachedRows(half, left.statements, input);
  if (reached !== undefined) return closed(reached);
  return {
    kind: 'open',
    id: 'resume',
    why: `${reason(half, left.doubt)} Runs ${statementsFrom(from + 1, of)} ${asUnits(left.statements)} and records it.`,
    way: { kind: 'run', migration: { ...migration, statements: left.statements } },
    proof: { statements: left.statements, to: of, dropped: droppedBy(migration) },
    checked: left.checked,
    ...(left.doubt === undefined ? {} : { advice: 'never' as const }),
  };
}

/** A statement that may have run would run a second time. */
function notTwice(half: HalfRun): string | undefined {
  const { migration, points } = half;
  for (let number = earliest(half) + 1; number <= latest(half); number += 1) {
    const sql = migration.statements[number - 1]?.sql ?? '';
    const before = points[number - 1] ?? { objects: [] };
    if (!mayRunAgain(sql, before))
      return `${statementNamed(number, sql)} may have run, and a second time it may do other things`;
  }
  return seesLater(half, earliest(half));
}

function reason(half: HalfRun, doubt: string | undefined): string {
  if (doubt !== undefined) return `${capital(doubt)}.`;
  const renaming = openRebuilds(half).find(({ phase }) => phase === 'renaming');
  if (renaming) return 'Only the rename is left of the rebuild, and its rows are checked.';
  const open = half.migration.statements.slice(earliest(half), latest(half));
  if (open.some(({ sql }) => classify(sql).kind !== 'pragma'))
    return 'What may have run already does nothing a second time.';
  return 'No statement that is left depends on the connection that was cut.';
}

function closed(why: string): Option {
  return { kind: 'closed', id: 'resume', why };
}
