import { quoteText } from '../../../sql/quote.ts';
import type { Piece, Sides } from './sides.ts';
import { isMade } from './state.ts';
import type { States } from './states.ts';

/**
 * A column that was there gets numbers by itself from now on: they go on behind those that rows have.
 *
 * @returns statements for behind the one that makes the piece
 */
export function numbering(
  { unit, needs, key }: Piece,
  { from, to }: Sides,
  states: States,
): readonly string[] {
  if (unit.kind !== 'identity' && unit.kind !== 'ownership') return [];
  const column = needs.find((each) => to.get(each)?.unit.kind === 'column');
  const detail = column === undefined ? undefined : to.get(column)?.unit.detail;
  if (column === undefined || detail?.kind !== 'column' || !from.has(column) || isMade(states.get(column)))
    return [];
  if (!isMade(states.get(key))) return [];
  const sequence = unit.detail.kind === 'identity' ? unit.detail.sequence : serialOf(needs, to, states);
  if (!sequence || sequence.increment.startsWith('-')) return [];
  const place = `pg_get_serial_sequence(${quoteText(detail.tableSql)}, ${quoteText(detail.row.name)})`;
  const most = `max(${detail.row.sql})`;
  return [`SELECT setval(${place}, ${most}) FROM ${detail.tableSql} HAVING ${most} >= ${sequence.least}`];
}

function serialOf(needs: readonly string[], to: Sides['to'], states: States) {
  const found = needs.flatMap((key) => {
    const detail = to.get(key)?.unit.detail;
    const isNew = detail?.kind === 'sequence' && detail.serialOf !== undefined && isMade(states.get(key));
    return isNew ? [detail.row] : [];
  });
  return found[0];
}
