import { cleanUp } from './clean-up.ts';
import { latest, type HalfRun } from './half-run.ts';
import type { WaysInput } from './input.ts';
import type { Option } from './option.ts';
import { anotherText, capital, statementsFrom } from './words.ts';

/** Takes back what is there, to the point before the migration, and leaves it for later. */
export function backingOut(half: HalfRun, { facts, entry, diagnosed }: WaysInput): Option {
  if (diagnosed.edited === 'before-the-stop') return closed(anotherText);
  const back = cleanUp(half, { to: 0, after: 'nothing', facts });
  if (back.kind === 'closed') return closed(`${capital(back.why)}.`);
  const { statements, doubt } = back;
  if (statements.length === 0) return closed('Nothing of it is there that has to be taken back.');
  return {
    kind: 'open',
    id: 'back-out',
    why: `${doubt === undefined ? '' : `${capital(doubt)}. `}Takes back what ${statementsFrom(1, latest(half))} left, and leaves it pending: for when it shall not run now.`,
    way: { kind: 'undo', migration: { ...half.migration, statements }, ...(entry && { entry }) },
    proof: { statements, to: 0 },
    ...(doubt === undefined ? {} : { advice: 'never' as const }),
  };
}

function closed(why: string): Option {
  return { kind: 'closed', id: 'back-out', why };
}
