import { quantity } from '../../lib/numbers.ts';
import type { Review } from '../../operations/change.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { evidenceText } from './evidence.ts';
import { findingsText } from './findings.ts';

/** What stands before the person when consent is asked. */
export function reviewText(review: Review, style: Style): readonly string[] {
  const statements = review.migrations.reduce((sum, each) => sum + each.statements, 0);
  const name = shown(review.environment);
  const badge = review.protected ? ` ${style.paint('danger', 'PROTECTED')}` : '';
  const what =
    review.migrations.length === 0
      ? `Write to ${name}${badge}.`
      : `${review.goes === 'back' ? 'Take back' : 'Deploy'} ${quantity(review.migrations.length, 'migration')} ${review.goes === 'back' ? 'in' : 'to'} ${name}${badge}: ${quantity(statements, 'statement')}.`;
  return [
    '',
    `${what} Nothing was written to it yet.`,
    ...review.migrations.map(
      ({ database, tag, statements: count }) =>
        `  ${style.signs.pending} ${shown(tag)}  ${quantity(count, 'statement')}  (${shown(database)})`,
    ),
    ...review.evidence.flatMap((evidence) => evidenceText(evidence, style)),
    ...findingsText(review.findings, style),
    '',
  ];
}

/** Whether rows, values or tables go, so that a single letter is too little consent. */
export function destroys({ evidence, findings, losses }: Review): boolean {
  if (losses.length > 0 || findings.some(({ rule }) => destroying.has(rule))) return true;
  return evidence.some(({ tables }) =>
    tables.some(
      ({ rowsBefore, rowsAfter, columns }) =>
        (rowsBefore ?? 0) > (rowsAfter ?? 0) || columns.some(({ values }) => values === 'removed'),
    ),
  );
}

const destroying: ReadonlySet<string> = new Set([
  'destroys-rows',
  'deletes-all-rows',
  'updates-all-rows',
  'drop-column',
]);
