import { latest, type HalfRun } from './half-run.ts';
import type { WaysInput } from './input.ts';
import type { Option } from './option.ts';

/** Runs the rollback file, which is written for the whole migration: whether it fits a part of it is proven by replay. */
export function undoing(half: HalfRun | undefined, { migration, entry, diagnosed }: WaysInput): Option {
  const { rollback, tag } = migration;
  if (!rollback) return closed(`${tag} has no rollback file.`);
  if (diagnosed.diagnosis.kind === 'unrecorded')
    return closed('All of it is there: what is missing is its record.');
  if (!half) return closed('Which statements ran is not known, and the file may undo more than that.');
  if (latest(half) === 0) return closed('Nothing of it is there to be undone.');
  const { statements } = rollback;
  return {
    kind: 'open',
    id: 'undo',
    why: `Runs the rollback file, which leads back to the schema of before; what it deletes is gone. Leaves ${tag} pending.`,
    way: { kind: 'undo', migration: { ...migration, statements }, ...(entry && { entry }) },
    proof: { statements, to: 0 },
  };
}

function closed(why: string): Option {
  return { kind: 'closed', id: 'undo', why };
}
