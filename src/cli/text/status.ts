import { count, quantity } from '../../lib/numbers.ts';
import type { StatusDatabase, StatusItem, StatusReport, StatusTarget } from '../../operations/reports.ts';
import { sentences as joined, stopped } from '../../lib/sentences.ts';
import { ago } from '../../lib/time.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { table, type Cell } from '../output/table.ts';
import { cells } from '../output/width.ts';
import { itemCell, targetCell } from './words.ts';

/** Environments of each database, then the migrations that are not settled everywhere. */
export function statusText(report: StatusReport, style: Style): readonly string[] {
  if (report.databases.length === 0) return ['No database was found in this project.'];
  return report.databases.flatMap((database, index) => [
    ...(index === 0 ? [] : ['']),
    ...databaseText(database, columnsOf(report, database.name), style),
  ]);
}

interface EnvironmentColumn {
  readonly name: string;
  readonly protected: boolean;
  readonly target: StatusTarget;
  readonly items: ReadonlyMap<string, StatusItem>;
}

function columnsOf(report: StatusReport, database: string): readonly EnvironmentColumn[] {
  return report.environments.flatMap((environment) =>
    environment.targets
      .filter((target) => target.database === database)
      .map((target) => ({
        name: environment.name,
        protected: environment.protected,
        target,
        items: new Map(target.items.map((item) => [item.tag, item])),
      })),
  );
}

function databaseText(
  database: StatusDatabase,
  environments: readonly EnvironmentColumn[],
  style: Style,
): readonly string[] {
  const folder = `${quantity(database.migrations.length, 'migration')} in ${shown(database.directory)}`;
  return [
    `Database ${shown(database.name)}: ${folder}`,
    ...targetsText(environments, style),
    ...matrixText(database, environments, style),
    ...saysOfAll(environments, style),
    ...database.notes.map((note) => `  ${style.paint('warn', style.signs.finding)} ${shown(note)}`),
  ];
}

function targetsText(environments: readonly EnvironmentColumn[], style: Style): readonly string[] {
  const isCompared = environments.some(({ target }) => target.drift !== undefined);
  const rows = environments.map(({ name, protected: isProtected, target }): readonly Cell[] => [
    name,
    targetCell(target.state, style),
    target.state.includes('unreachable') ? '' : `${count(target.applied)} applied`,
    target.pending === 0 ? '' : `${count(target.pending)} pending`,
    ...(isCompared ? [driftWords(target)] : []),
    isProtected ? { text: 'PROTECTED', as: 'danger' } : '',
    { text: target.location, as: 'dim' },
  ]);
  const plain = { align: 'left' } as const;
  const figure = { align: 'right' } as const;
  return table(
    rows,
    [plain, plain, figure, figure, ...(isCompared ? [plain] : []), plain, { cut: 'end' }],
    style,
  );
}

function driftWords({ drift }: StatusTarget): string {
  if (drift === undefined) return '';
  switch (drift.state) {
    case 'equal':
      return 'no drift';
    case 'differs':
      return `${quantity(drift.objects ?? 0, 'object')} differ${drift.objects === 1 ? 's' : ''}`;
    case 'not-replayed':
      return 'not compared';
    default:
      return unreachable(drift.state);
  }
}

/** Rows are migrations, newest on top; those that all have applied are one line. */
function matrixText(
  database: StatusDatabase,
  environments: readonly EnvironmentColumn[],
  style: Style,
): readonly string[] {
  const answered = environments.filter(({ target }) => !target.state.includes('unreachable'));
  if (answered.length === 0) return [];
  const tags = rowTags(database, answered);
  const open = tags.filter((tag) => answered.some(({ items }) => items.get(tag)?.state !== 'applied'));
  const settled = tags.length - open.length;
  const squashed = open.filter((tag) => isSquashedEverywhere(tag, answered));
  const everywhere = [
    ...(settled === 0
      ? []
      : [
          `  ${style.paint('ok', style.signs.done)} ${quantity(settled, 'migration')} applied ${whereOf(answered, environments)}`,
        ]),
    ...(squashed.length === 0
      ? []
      : [
          `  ${style.paint('dim', style.signs.squashed)} ${quantity(squashed.length, 'record')} of squashed migrations`,
        ]),
  ];
  const shownTags = open.filter((tag) => !squashed.includes(tag));
  if (shownTags.length === 0) return ['', ...everywhere];
  const rows = [
    ['migration', ...answered.map(({ name }) => name)].map((text): Cell => ({ text, as: 'dim' })),
    ...shownTags
      .toReversed()
      .map((tag): readonly Cell[] => [
        tag,
        ...answered.map(({ items }) => statusCell(items.get(tag), style)),
      ]),
  ];
  if (answered.length * 14 + longest(shownTags) > (style.width ?? 100)) {
    return ['', ...listText(shownTags, answered, style), ...everywhere];
  }
  return ['', ...table(rows, [{ cut: 'middle' }], style), ...everywhere];
}

/** Of one that did not answer nothing is known. */
function whereOf(answered: readonly EnvironmentColumn[], all: readonly EnvironmentColumn[]): string {
  const [first] = answered;
  if (first !== undefined && answered.length === 1) return `in ${shown(first.name)}`;
  return answered.length === all.length ? 'everywhere' : 'in every environment that answered';
}

/** A new database has no such record; all others have nothing else of it. */
function isSquashedEverywhere(tag: string, environments: readonly EnvironmentColumn[]): boolean {
  const states = environments.flatMap(({ items }) => items.get(tag)?.state ?? []);
  return states.length > 0 && states.every((state) => state === 'squashed');
}

/** Migrations in file order, with what only a target knows (orphans) where it stands there. */
function rowTags(database: StatusDatabase, environments: readonly EnvironmentColumn[]): readonly string[] {
  const tags = database.migrations.map(({ tag }) => tag);
  const known = new Set(tags);
  for (const { target } of environments) {
    for (const [index, item] of target.items.entries()) {
      if (known.has(item.tag)) continue;
      known.add(item.tag);
      const before = tags.indexOf(target.items[index - 1]?.tag ?? '');
      tags.splice(before + 1, 0, item.tag);
    }
  }
  return tags;
}

/** `◐ half 4 of 12`, where it is known how far it came. */
function statusCell(item: StatusItem | undefined, style: Style): Cell {
  const cell = itemCell(item?.state, style);
  if (item?.after === undefined || item.of === undefined || typeof cell === 'string') return cell;
  return { ...cell, text: `${cell.text} ${count(item.after)} of ${count(item.of)}` };
}

function longest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(cells));
}

/** Where the environments do not fit beside each other: one line per migration and environment. */
function listText(
  tags: readonly string[],
  environments: readonly EnvironmentColumn[],
  style: Style,
): readonly string[] {
  const rows = environments.flatMap(({ name, items }) =>
    tags
      .toReversed()
      .map((tag) => ({ tag, item: items.get(tag) }))
      .filter(({ item }) => item !== undefined && item.state !== 'applied')
      .map(({ tag, item }): readonly Cell[] => [name, statusCell(item, style), tag]),
  );
  return table(rows, [{ cut: 'middle' }, {}, { cut: 'middle' }], style);
}

/** What its schema is beside its migrations, and how old that knowledge is. */
function driftSays({ name, target }: EnvironmentColumn, style: Style): readonly string[] {
  const { drift, driftAskedAt, state } = target;
  const shows = `${style.command(['drift', name])} shows what`;
  if (drift?.state === 'differs') {
    const [objects, differ] = [drift.objects ?? 0, drift.objects === 1 ? 'differs' : 'differ'];
    return [`${quantity(objects, 'object')} ${differ} from what its migrations give; ${shows}.`];
  }
  const known =
    state.includes('drifted') && driftAskedAt !== undefined
      ? [`it differed from its migrations when it was compared ${ago(driftAskedAt, style.now)}; ${shows}.`]
      : [];
  const why = drift?.why === undefined ? [] : [`not compared with its migrations: ${stopped(drift.why)}`];
  return [...why, ...known];
}

/** What is said of several, such as of a token that all of them need, is said once. */
function saysOfAll(environments: readonly EnvironmentColumn[], style: Style): readonly string[] {
  const said = new Map<string, readonly string[]>();
  for (const environment of environments) {
    for (const sentence of saysOf(environment, style)) {
      said.set(sentence, [...(said.get(sentence) ?? []), environment.name]);
    }
  }
  return [...said].map(([sentence, names]) => {
    const whose = names.map((name) => style.paint('accent', shown(name))).join(', ');
    return `  ${whose}: ${shown(sentence)}`;
  });
}

function saysOf(column: EnvironmentColumn, style: Style): ReadonlySet<string> {
  const { target } = column;
  return new Set([
    ...driftSays(column, style),
    ...(target.error === undefined ? [] : [joined(target.error)]),
    ...target.says.filter((says) => says !== target.error?.message),
  ]);
}
