import { foldName } from '../../sql/cursor.ts';
import type { Loss } from './evidence.ts';

/** Rows, or filled values of a column, that one migration took without being asked, counted right before and after it. */
export interface LossInside {
  readonly tag: string;
  readonly table: string;
  readonly column?: string;
  readonly rows: number;
}

/**
 * Adds what only a look between the migrations shows: rows that one of them put in and a later one takes along are in
 * neither the first nor the last count, but the unit on the target counts them, and would undo itself.
 *
 * @param losses of the plan as a whole
 */
export function withLossesInside(losses: readonly Loss[], inside: readonly LossInside[]): readonly Loss[] {
  return inside.reduce<readonly Loss[]>(withOne, losses);
}

function withOne(losses: readonly Loss[], { tag, table, column, rows }: LossInside): readonly Loss[] {
  const kind = column === undefined ? 'rows' : 'nulled';
  const known = losses.find(
    (loss) =>
      loss.kind === kind &&
      foldName(loss.table) === foldName(table) &&
      ('column' in loss ? foldName(loss.column) === foldName(column ?? '') : true),
  );
  if (known) {
    return losses.map((loss) => (loss === known ? { ...loss, rows: Math.max(loss.rows, rows) } : loss));
  }
  const likely = `${tag} takes along what an earlier migration of the same plan put in`;
  const loss: Loss =
    column === undefined
      ? { kind: 'rows', table, rows, likely }
      : { kind: 'nulled', table, column, rows, likely };
  return [...losses, loss];
}
