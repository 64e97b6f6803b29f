import { bytes, duration, quantity } from '../../lib/numbers.ts';
import { agoAndMoment } from '../../lib/time.ts';
import { sayParts } from '../../operations/plan/planned-parts.ts';
import type { PlannedMigration, PlanReport } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { table, type Cell } from '../output/table.ts';
import { evidenceText } from './evidence.ts';
import { findingsText } from './findings.ts';

/** What would run, what waits and why, findings, evidence where there is some, and what would refuse it. */
export function planText(plan: PlanReport, style: Style): readonly string[] {
  return [
    headline(plan, style),
    ...plan.databases.flatMap((database) => databaseText(database, style)),
    ...section('findings', findingsText(plan.findings, style), style),
    ...section(
      plan.rehearsedAt === undefined
        ? 'evidence'
        : `evidence of ${agoAndMoment(plan.rehearsedAt, style.now)}`,
      (plan.evidence ?? []).flatMap((each) => evidenceText(each, style)),
      style,
    ),
    ...(plan.hash === undefined
      ? []
      : [`  consent to exactly this: --confirm ${shown(plan.environment)}@${plan.hash}`]),
    ...(plan.copiesRows?.first ? [`  ${style.signs.nothing} ${shown(plan.copiesRows.says)}`] : []),
    ...plan.warnings.map((warning) => `  ${style.paint('warn', style.signs.finding)} ${shown(warning)}`),
    ...plan.refusals.flatMap(({ message, next }) => [
      `  ${style.paint('danger', style.signs.failed)} ${shown(message)}`,
      ...(next === undefined ? [] : [`    ${shown(next)}`]),
    ]),
  ];
}

function headline({ databases, environment, refusals, ...plan }: PlanReport, { paint }: Style): string {
  const pending = databases.reduce((sum, { migrations }) => sum + migrations.length, 0);
  // Refused is not the same as done.
  if (pending === 0 && refusals.length > 0) return `Nothing can be planned for ${shown(environment)}:`;
  if (pending === 0) return `Nothing to deploy: ${shown(environment)} has nothing pending in this selection.`;
  const head = `${quantity(pending, 'migration')} would run on ${shown(environment)}`;
  return `${head}${plan.protected ? `, which is ${paint('danger', 'PROTECTED')}` : ''}.`;
}

function section(title: string, lines: readonly string[], { paint }: Style): readonly string[] {
  return lines.length === 0 ? [] : ['', paint('dim', title), ...lines];
}

function databaseText(database: PlanReport['databases'][number], style: Style): readonly string[] {
  const size = database.size === undefined ? '' : `, ${bytes(database.size)}`;
  const made = database.migrations.length > 0 ? ': it will be made' : '';
  const missing = database.exists ? '' : `, not there yet${made}`;
  return [
    '',
    `Database ${shown(database.database)} at ${shown(database.location)}${size}${missing}`,
    ...table(
      [
        ...database.migrations.map((migration) => migrationRow(migration, style)),
        ...database.waiting.map(({ tag, why }): readonly Cell[] => [
          { text: `${style.signs.nothing} waits`, as: 'dim' },
          tag,
          '',
          { text: why, as: 'dim' },
        ]),
      ],
      [{}, { cut: 'middle' }, {}, { cut: 'end' }],
      style,
    ),
  ];
}

function migrationRow(migration: PlannedMigration, style: Style): readonly Cell[] {
  const steps = migration.steps ? [sayParts(migration.steps)] : [];
  const keys = migration.foreignKeys === 'off' ? ['foreign keys off meanwhile'] : [];
  const elsewhere = migration.elsewhere.map(({ environment, at, took }) =>
    [
      `on ${environment}`,
      ...(at === undefined ? [] : [`since ${agoAndMoment(at, style.now)}`]),
      ...(took === undefined ? [] : [`took ${duration(took)} there`]),
    ].join(', '),
  );
  return [
    `${style.signs.pending} pending`,
    migration.tag,
    quantity(migration.statements, 'statement'),
    { text: [...steps, ...keys, ...elsewhere].join('; '), as: 'dim' },
  ];
}
