import { count, duration, quantity } from '../lib/numbers.ts';
import type { Evidence } from '../operations/evidence/evidence.ts';

/** One line for people: what the rehearsal showed. */
export function describeEvidence(evidence: Evidence): string {
  const { rehearsal, ranIn, migrations, tables, losses, violations } = evidence;
  const proof = [
    ...(rehearsal === 'structure' ? ['on its structure alone: nothing is proven about rows'] : []),
    ...(rehearsal === 'in-target'
      ? ['on its rows inside the database itself, which undid it; values compared by samples']
      : []),
    ...(ranIn === 'workerd' ? ['the same in workerd'] : []),
    ...(ranIn === 'simulation' ? ["by D1's rules, without workerd"] : []),
  ];
  // What the structure took says nothing about the rows.
  const took =
    rehearsal === 'in-target'
      ? ''
      : ` in ${duration(migrations.reduce((sum, migration) => sum + migration.took, 0))}`;
  const rows = losses
    .filter((loss) => loss.kind === 'rows')
    .map(({ table, rows }) => `${table} loses ${quantity(rows, 'row')} that no statement asks for`);
  const asked = tables.flatMap(({ table, rowsBefore, rowsAfter }) =>
    rowsBefore !== undefined &&
    rowsAfter !== undefined &&
    rowsAfter < rowsBefore &&
    !losses.some((loss) => loss.table === table)
      ? [`${table} -${count(rowsBefore - rowsAfter)} rows, asked for`]
      : [],
  );
  const added = violations.added.reduce((sum, { count }) => sum + count, 0);
  return [
    `${quantity(migrations.length, 'migration')}${took}`,
    ...rows,
    ...asked,
    quantity(added, 'new violation'),
    ...proof,
  ].join(', ');
}
