import { MigrateError } from '../../lib/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import type { Structure } from '../../schema/structure.ts';
import { foldName } from '../../sql/cursor.ts';

/** What is done with the values of a column while they are copied to another environment. */
export type MaskRule =
  /** Another value stands in its place, the same for the same value over all tables of a run. */
  | 'hash'
  /** Nothing stands in its place. */
  | 'null'
  /** It is copied, and somebody decided so. */
  | 'keep';

/** By `TABLE.COLUMN`, or `*.COLUMN` for every table that has one. */
export type Masks = ReadonlyMap<string, MaskRule>;

/** The rule of a column; one that names the table is before one for every table. */
export function ruleFor(masks: Masks, table: string, column: string): MaskRule | undefined {
  return find(masks, `${table}.${column}`) ?? find(masks, `*.${column}`);
}

/** Rules that are given for once go before those that are always. */
export function withRules(always: Masks, once: Masks | undefined): Masks {
  if (once === undefined) return always;
  const given = new Set([...once.keys()].map(foldName));
  return new Map([...once, ...[...always].filter(([key]) => !given.has(foldName(key)))]);
}

function find(masks: Masks, wanted: string): MaskRule | undefined {
  const folded = foldName(wanted);
  for (const [key, rule] of masks) if (foldName(key) === folded) return rule;
  return undefined;
}

/**
 * A name that no column has would mask nothing, in silence.
 *
 * @throws MigrateError `config` or `usage` with the name that was likely meant
 */
export function refuseUnknownColumns(
  names: readonly string[],
  structures: readonly Structure[],
  { from, source }: { readonly from: 'masks' | 'mask' | 'accept-unmasked'; readonly source: string },
): void {
  const known = columnsIn(structures);
  const folded = new Set(known.map(foldName));
  for (const name of names) {
    if (folded.has(foldName(name))) continue;
    const meant = nearest(name, known);
    const said = from === 'masks' ? `masks in the configuration names ${name}` : `--${from} names ${name}`;
    throw new MigrateError(
      from === 'masks' ? 'config' : 'usage',
      `${said}, a column that ${source} does not have. Nothing was copied or changed.`,
      {
        next:
          meant === undefined ? 'Write TABLE.COLUMN, or *.COLUMN for every table.' : `Was ${meant} meant?`,
      },
    );
  }
}

function columnsIn(structures: readonly Structure[]): readonly string[] {
  const exact = structures.flatMap(({ tables }) =>
    tables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`)),
  );
  const anywhere = exact.map((name) => `*.${name.slice(name.lastIndexOf('.') + 1)}`);
  return [...new Set([...exact, ...anywhere])];
}
