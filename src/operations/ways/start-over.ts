import { count } from '../../lib/numbers.ts';
import type { MigrationStatement } from '../../migrations/migration.ts';
import { cleanUp, type CleanUp } from './clean-up.ts';
import { goOn, type GoOn } from './go-on.ts';
import { earliest, type HalfRun } from './half-run.ts';
import type { WaysInput } from './input.ts';
import type { Option } from './option.ts';
import { reachedRows } from './reached-rows.ts';
import { droppedBy } from './dropped-by.ts';
import { anotherText, asUnits, capital, statementsFrom } from './words.ts';

/**
 * Takes back what is there and runs it from a clean point: from the beginning, or, where that cannot be reached, from
 * the last point before the cut that can.
 */
export function startingOver(half: HalfRun, input: WaysInput): Option {
  if (input.diagnosed.edited === 'before-the-stop') return closed(anotherText);
  const whole = attempt(half, 0, input);
  if (whole.kind === 'open') return asOption(half, whole, input);
  for (let to = earliest(half) - 1; to > 0; to -= 1) {
    const part = attempt(half, to, input);
    if (part.kind === 'open' && part.back.length > 0) return asOption(half, part, input);
  }
  return closed(`${capital(whole.why)}.`);
}

type Attempt =
  | {
      readonly kind: 'open';
      readonly to: number;
      readonly back: readonly MigrationStatement[];
      readonly doubt: string | undefined;
      readonly on: Extract<GoOn, { kind: 'open' }>;
    }
  | { readonly kind: 'closed'; readonly why: string };

function attempt(half: HalfRun, to: number, { facts, backups }: WaysInput): Attempt {
  const back: CleanUp = cleanUp(half, { to, after: 'run-again', facts });
  if (back.kind === 'closed') return back;
  const backup = backups.kind === 'kept' ? backups.backup : undefined;
  const on = goOn(half, { from: to, facts, backup });
  return on.kind === 'closed'
    ? on
    : { kind: 'open', to, back: back.statements, doubt: back.doubt ?? on.doubt, on };
}

function asOption(
  half: HalfRun,
  { to, back, on, doubt }: Extract<Attempt, { kind: 'open' }>,
  input: WaysInput,
): Option {
  const { migration } = half;
  const statements = [...back, ...on.statements];
  const reached = reachedRows(half, statements, input);
  if (reached !== undefined) return closed(reached);
  const of = migration.statements.length;
  const runs = to === 0 ? `all ${count(of)} statements` : `${statementsFrom(to + 1, of)} again`;
  return {
    kind: 'open',
    id: 'start-over',
    why: `${doubt === undefined ? '' : `${capital(doubt)}. `}${taken(half, to, back.length)} Then runs ${of === 1 ? 'its statement' : runs} ${asUnits(statements)} and records it.`,
    way: { kind: 'run', migration: { ...migration, statements } },
    proof: { statements, to: of, dropped: droppedBy(migration) },
    checked: on.checked,
    ...(doubt === undefined ? {} : { advice: 'never' as const }),
  };
}

function taken(half: HalfRun, to: number, back: number): string {
  const last = half.reached.at(-1) ?? 0;
  if (back === 0) return 'Nothing of it is there that has to be taken back.';
  const made = last === to + 1 ? statementsFrom(last, last) : statementsFrom(to + 1, last);
  return `Takes back what ${made} left, which loses no row that was there before.`;
}

function closed(why: string): Option {
  return { kind: 'closed', id: 'start-over', why };
}
