import { quantity } from '../../lib/numbers.ts';
import { safe } from '../../lib/safe-text.ts';
import type {
  DriftObject,
  DriftReport,
  DriftTableReport,
  DriftTableTarget,
} from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { table, type Cell } from '../output/table.ts';

/** One sentence, then each object with the lines that differ and a guess at the cause. */
export function driftText(report: DriftReport, style: Style): readonly string[] {
  if (report.draft) return draftText(report, report.draft);
  const { objects, ignored, databases, left, right, resync } = report;
  const same = databases.reduce((sum, each) => sum + each.same, 0);
  const several = databases.length > 1;
  const sides = `${shown(right)} compared with ${shown(left)}`;
  return [
    objects.length === 0
      ? `No drift: ${sides}, ${quantity(same, 'object')}.`
      : `${sides}: ${quantity(objects.length, 'object')} ${objects.length === 1 ? 'differs' : 'differ'}, ${same} ${same === 1 ? 'is' : 'are'} equal. Nothing was changed.`,
    ...objects.flatMap((object) => objectText(object, { several, style })),
    ...ignored.map(({ type, name, reason }) =>
      style.paint('dim', `  ${type} ${shown(name)} differs, and may: ${shown(reason)}`),
    ),
    ...(resync === undefined
      ? []
      : ['', `To give ${shown(right)} the schema, records and rows of ${shown(left)}: ${shown(resync)}`]),
  ];
}

/** A file of SQL, with a heading where it is about several databases. */
function draftText(
  { left, right }: DriftReport,
  drafts: NonNullable<DriftReport['draft']>,
): readonly string[] {
  const open = drafts.filter(({ statements }) => statements.length > 0);
  if (open.length === 0)
    return [`-- ${shown(right)} is as ${shown(left)} already: there is nothing to change.`];
  return open.flatMap(({ database, statements }) => [
    `-- A draft that would bring ${shown(database)} of ${shown(right)} to ${shown(left)}: read it, and rehearse it, before it runs anywhere.`,
    statements.join('\n--> statement-breakpoint\n'),
  ]);
}

function objectText(
  { database, type, name, change, lines = ['too long to be compared line by line'], cause }: DriftObject,
  { several, style }: { readonly several: boolean; readonly style: Style },
): readonly string[] {
  const where = several ? `[${shown(database)}] ` : '';
  const sign = { added: '+', removed: '-', changed: style.signs.differs }[change];
  const title = `${sign} ${where}${type} ${shown(name)}`;
  return [
    '',
    style.paint(change === 'changed' ? 'warn' : change === 'added' ? 'ok' : 'danger', title),
    ...(cause === undefined ? [] : [style.paint('dim', `  likely cause: ${shown(cause)}`)]),
    ...lines.map((line) => lineText(line, style)),
  ];
}

function lineText(line: string, style: Style): string {
  const text = `  ${safe(line, { lines: 'one' })}`;
  if (line.startsWith('+')) return style.paint('ok', text);
  return style.paint(line.startsWith('-') ? 'danger' : 'dim', text);
}

/** A line for each target. */
export function driftTableText({ environments }: DriftTableReport, style: Style): readonly string[] {
  const rows = environments.flatMap(({ environment, targets }) =>
    targets.map((target): readonly Cell[] => [
      shown(environment),
      shown(target.database),
      stateCell(target, style),
      target.fingerprint?.slice(0, 12) ?? '',
      target.at === undefined ? '' : `at ${shown(target.at)}`,
      target.why === undefined ? '' : shown(target.why),
    ]),
  );
  return table(rows, [{}, { cut: 'middle' }, {}, {}, { cut: 'middle' }, { cut: 'end' }], style);
}

function stateCell({ state, objects = 0, ignored = 0 }: DriftTableTarget, { signs: shapes }: Style): Cell {
  switch (state) {
    case 'equal':
      return { text: `${shapes.done} no drift${ignored > 0 ? `, ${ignored} allowed` : ''}`, as: 'ok' };
    case 'differs':
      return { text: `${shapes.differs} ${quantity(objects, 'object')} differ`, as: 'warn' };
    case 'missing':
      return { text: `${shapes.nothing} not there yet`, as: 'dim' };
    case 'not-replayed':
      return { text: `${shapes.nothing} cannot be replayed`, as: 'warn' };
    case 'unreachable':
      return { text: '? unreachable', as: 'danger' };
  }
}
