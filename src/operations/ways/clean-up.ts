import type { MigrationStatement } from '../../migrations/migration.ts';
import { compareSchemas } from '../../schema/compare.ts';
import { changedParts, partsOf } from '../../schema/parts.ts';
import type { Schema, SchemaDifference } from '../../schema/schema.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import { quoteName } from '../../sql/quote.ts';
import { tableDefinition } from '../../sql/table-definition.ts';
import { classify } from '../../sql/classify.ts';
import { keysNamed } from '../diagnosis/later-changes.ts';
import type { Facts } from './facts.ts';
import { earliest, latest, schemasReached, type HalfRun } from './half-run.ts';
import { rowsOfOthers, valuesOfOthers, type Hindrance } from './rows-of-others.ts';
import { notUndone, type After } from './not-undone.ts';

/** What takes a half-run back to one of its points, or why nothing does without losing something. */
export type CleanUp =
  | {
      readonly kind: 'clean';
      readonly statements: readonly MigrationStatement[];
      /** Why it is possible and still nothing to begin with. */
      readonly doubt?: string;
    }
  | { readonly kind: 'closed'; readonly why: string };

/**
 * Takes back what the statements after `to` left: what they made is dropped, what they dropped and holds no rows is
 * made again as it was. Rows that others may have written are never dropped.
 *
 * @param after `run-again`: the statements run once more behind it, so that what does no harm a second time may stay
 */
export function cleanUp(
  half: HalfRun,
  { to, after, facts }: { readonly to: number; readonly after: After; readonly facts: Facts },
): CleanUp {
  const [now, another] = schemasReached(half);
  const base = half.points[to];
  if (!now || !base) return closed('the schema at that point is not known');
  // Nothing ran behind it.
  if (latest(half) <= to) return { kind: 'clean', statements: [] };
  if (isPostgres(now) || isPostgres(base)) return closed('this version takes nothing back in PostgreSQL');
  if (another) return closed('how far it came is not certain, and what is to be taken back depends on that');
  const lasting = notUndone(half, { to, after });
  if (lasting !== undefined) return closed(lasting);
  return steps({ half, to, base, now, facts });
}

/** Its objects say themselves how they are made; how they are taken back is not told yet. */
function isPostgres({ objects }: Schema): boolean {
  return objects.some(({ making }) => making !== undefined);
}

interface Ground {
  readonly half: HalfRun;
  readonly to: number;
  readonly base: Schema;
  readonly now: Schema;
  readonly facts: Facts;
}

type Difference = SchemaDifference;

function steps(ground: Ground): CleanUp {
  const differences = compareSchemas(ground.base, ground.now);
  const tables = differences.filter(({ type }) => type === 'table');
  const others = differences.filter(({ type }) => type !== 'table');
  const found = tables.flatMap((table) => hindrances(table, ground));
  const refused = found.find(({ kind }) => kind === 'closed');
  if (refused) return closed(refused.why);
  const doubt = found[0]?.why;
  const dropped = others.filter(({ change }) => change !== 'removed').toSorted(byRank(dropRank));
  const made = others.filter(({ change }) => change !== 'added').toSorted(byRank(makeRank));
  const statement = (difference: Difference, sql: string) => ({ sql, line: lineOf(difference, ground) });
  return {
    kind: 'clean',
    statements: [
      ...dropped.map((one) => statement(one, `DROP ${one.type.toUpperCase()} ${quoteName(one.name)}`)),
      ...newest(tables, ground).flatMap((table) =>
        dropsOf(table, ground).map((sql) => statement(table, sql)),
      ),
      ...made.flatMap((one) => (one.left === undefined ? [] : [statement(one, one.left)])),
    ],
    ...(doubt === undefined ? {} : { doubt }),
  };
}

const byRank =
  (rank: Rank) =>
  (left: Difference, right: Difference): number =>
    (rank[left.type] ?? Infinity) - (rank[right.type] ?? Infinity);

type Rank = Readonly<Partial<Record<Difference['type'], number>>>;
const dropRank: Rank = { trigger: 0, view: 1, index: 2, table: 3 };
const makeRank: Rank = { table: 0, index: 1, view: 2, trigger: 3 };

/** Columns before whole tables, as they may refer to them; what was made last goes first. */
function newest(tables: readonly Difference[], { half }: Ground): readonly Difference[] {
  const order = half.migration.statements.flatMap(({ sql }) => keysNamed(sql));
  const place = ({ name }: Difference) => order.indexOf(`table ${foldName(name)}`);
  const changed = tables.filter(({ change }) => change === 'changed');
  const added = tables.filter(({ change }) => change === 'added');
  return [...changed, ...added.toSorted((a, b) => place(b) - place(a))];
}

function dropsOf({ name, change }: Difference, { base, now }: Ground): readonly string[] {
  if (change === 'added') return [`DROP TABLE ${quoteName(name)}`];
  return addedColumns(name, base, now)
    .toReversed()
    .map((column) => `ALTER TABLE ${quoteName(name)} DROP COLUMN ${quoteName(column)}`);
}

/** The columns that only the later schema has, in order, as they are spelled. */
function addedColumns(table: string, base: Schema, now: Schema): readonly string[] {
  const were = partsOf(base);
  const found = now.objects.find(({ type, name }) => type === 'table' && sameName(name, table));
  const columns = (found && tableDefinition(found.display)?.columns) ?? [];
  return columns
    .map(({ name }) => name)
    .filter((name) => !were.has(`column ${foldName(table)}.${foldName(name)}`));
}

/** What speaks against dropping a table, or what was added to it. */
function hindrances(table: Difference, ground: Ground): readonly Hindrance[] {
  const { half, to, facts, now } = ground;
  switch (table.change) {
    case 'removed':
      return [
        hindered(`table ${table.name} is gone with its rows, and nothing but a backup brings them back`),
      ];
    case 'added':
      return rowsOfOthers(table.name, { half, to, facts, now });
    case 'changed':
      return isOnlyAddedTo(table.name, ground)
        ? addedColumns(table.name, ground.base, now).flatMap((column) =>
            valuesOfOthers(table.name, column, { half, to, facts, now }),
          )
        : [hindered(`table ${table.name} was changed in a way that has no inverse`)];
  }
}

const hindered = (why: string): Hindrance => ({ kind: 'closed', why });

/** A foreign key or check that came with a column goes with it. */
function isOnlyAddedTo(table: string, { base, now }: Ground): boolean {
  const before = partsOf(base);
  const after = partsOf(now);
  const name = foldName(table);
  return [...changedParts(before, after)].every((key) => {
    const part = after.get(key) ?? before.get(key);
    if (
      part?.table !== name ||
      (part.type !== 'column' && part.type !== 'constraint' && part.type !== 'table')
    )
      return true;
    return !before.has(key);
  });
}

/** Where the statement stands whose work is taken back. */
function lineOf({ type, name }: Difference, { half, to }: Ground): number {
  const key = `${type} ${foldName(name)}`;
  const own = half.migration.statements.slice(to, latest(half));
  const found = own.findLast(({ sql }) => {
    const kind = classify(sql);
    return keysNamed(sql).includes(key) || ('table' in kind && key === `table ${foldName(kind.table)}`);
  });
  return (found ?? half.migration.statements[earliest(half)] ?? { line: 1 }).line;
}

function closed(why: string): CleanUp {
  return { kind: 'closed', why };
}
