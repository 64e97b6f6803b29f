import type { ColumnStructure, Structure, TableStructure } from '../../schema/structure.ts';
import type { CopyRules, TableRules } from '../../sql/copy-rules.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import { ruleFor, type Masks, type MaskRule } from './masks.ts';
import { looksPersonal } from './personal-columns.ts';

/** How one table comes over to another environment. */
export interface CopiedTable {
  readonly table: string;
  /**
   * `as-is`: with a column that looks personal and has no rule. `excluded`: the table without its rows. `rebuilt`: a
   * full-text index, made anew from the rows of its table.
   */
  readonly how: 'kept' | 'masked' | 'as-is' | 'excluded' | 'rebuilt';
  /** Those with a rule, and those that look as if they needed one. */
  readonly columns: readonly RuledColumn[];
}

export interface RuledColumn {
  readonly column: string;
  readonly rule: MaskRule | 'none';
  /** What it looks like, as part of a sentence: `an e-mail address`. */
  readonly looksLike?: string;
}

export interface CopyChoice {
  readonly masks: Masks;
  /** Names of tables whose rows stay behind. */
  readonly exclude: readonly string[];
}

/** Every table of a source with what is done with its rows. */
export function copiedTables(structure: Structure, { masks, exclude }: CopyChoice): readonly CopiedTable[] {
  const out = new Set(exclude.map(foldName));
  const plain = structure.tables.filter(({ kind }) => kind === 'table');
  const first = plain.map((table) =>
    copiedTable(table, { masks, excluded: out.has(foldName(table.name)), structure }),
  );
  const virtual = structure.tables
    .filter(({ kind }) => kind === 'virtual')
    .map((table) => copiedVirtual(table, { masks, excluded: out.has(foldName(table.name)), plain: first }));
  return [...first, ...virtual].toSorted((left, right) => (left.table < right.table ? -1 : 1));
}

/** The same for whoever copies: what is copied as it is needs no rule. */
export function copyRules(tables: readonly CopiedTable[]): CopyRules {
  return {
    tables: tables.flatMap(({ table, how, columns }): readonly TableRules[] => {
      if (how === 'excluded') return [{ table, rows: 'left-out', columns: [] }];
      if (how === 'rebuilt') return [{ table, rows: 'rebuilt', columns: [] }];
      const masked = columns.flatMap(({ column, rule }) =>
        rule === 'hash' || rule === 'null' ? [{ column, mask: rule }] : [],
      );
      return masked.length === 0 ? [] : [{ table, rows: 'copied', columns: masked }];
    }),
  };
}

interface ForTable {
  readonly masks: Masks;
  readonly excluded: boolean;
}

function copiedTable(
  table: TableStructure,
  { masks, excluded, structure }: ForTable & { readonly structure: Structure },
): CopiedTable {
  if (excluded) return { table: table.name, how: 'excluded', columns: [] };
  const columns = table.columns.flatMap((column) => {
    const rule = ruleFor(masks, table.name, column.name);
    const looksLike = needsRule(table, column, { masks, structure });
    if (rule === undefined && looksLike === undefined) return [];
    return [
      {
        column: column.name,
        rule: rule ?? ('none' as const),
        ...(looksLike === undefined ? {} : { looksLike }),
      },
    ];
  });
  return { table: table.name, how: howOf(columns), columns };
}

/**
 * What a column looks like that nobody decided about. One that points to another table holds what stands there, and
 * one that is computed what it is computed from.
 */
function needsRule(
  table: TableStructure,
  column: ColumnStructure,
  { masks, structure }: { readonly masks: Masks; readonly structure: Structure },
): string | undefined {
  if (
    structure.references.some(
      (reference) =>
        sameName(reference.table, table.name) &&
        reference.columns.some(({ from }) => sameName(from, column.name)),
    )
  )
    return undefined;
  if (column.computedFrom?.some((base) => ruleFor(masks, table.name, base) !== undefined)) return undefined;
  return looksPersonal({ table: table.name, column: column.name, type: column.type })?.what;
}

function howOf(columns: readonly RuledColumn[]): CopiedTable['how'] {
  if (columns.some(({ rule }) => rule === 'none')) return 'as-is';
  return columns.some(({ rule }) => rule === 'hash' || rule === 'null') ? 'masked' : 'kept';
}

/**
 * A full-text table has the text of another one in it once more, so what is masked there must not come over here: an
 * index over a table is made anew, one with a text of its own takes the rules of the tables that feed it, and one that
 * only finds cannot be masked and stays empty.
 */
function copiedVirtual(
  table: TableStructure,
  { masks, excluded, plain }: ForTable & { readonly plain: readonly CopiedTable[] },
): CopiedTable {
  const { name, fullText } = table;
  const feeding = plain.filter((one) => table.fedBy.some((from) => sameName(from, one.table)));
  if (excluded || (feeding.length > 0 && feeding.every(({ how }) => how === 'excluded'))) {
    return { table: name, how: 'excluded', columns: [] };
  }
  if (fullText?.kind === 'of') {
    const of = plain.find((one) => sameName(one.table, fullText.table));
    // A view may show any table.
    const touched = of ? isTouched(of) : plain.some(isTouched);
    return { table: name, how: touched ? 'rebuilt' : 'kept', columns: [] };
  }
  const columns = virtualColumns(table, { masks, feeding, plain });
  const isMasked = columns.some(({ rule }) => rule === 'hash' || rule === 'null');
  if (fullText?.kind === 'none' && isMasked) return { table: name, how: 'excluded', columns: [] };
  return { table: name, how: howOf(columns), columns };
}

function virtualColumns(
  table: TableStructure,
  {
    masks,
    feeding,
    plain,
  }: {
    readonly masks: Masks;
    readonly feeding: readonly CopiedTable[];
    readonly plain: readonly CopiedTable[];
  },
): readonly RuledColumn[] {
  const masked = (tables: readonly CopiedTable[]) =>
    tables.flatMap(({ columns }) => columns.filter(({ rule }) => rule === 'hash' || rule === 'null'));
  const isHere = ({ column }: RuledColumn) => table.columns.some(({ name }) => sameName(name, column));
  // Under another name it may be in any of the columns.
  const hidden = masked(feeding).some((column) => !isHere(column));
  return table.columns.flatMap(({ name, type }): readonly RuledColumn[] => {
    const own = ruleFor(masks, table.name, name);
    if (own !== undefined) return [{ column: name, rule: own }];
    if (hidden || masked(plain).some(({ column }) => sameName(column, name)))
      return [{ column: name, rule: 'hash' }];
    const looksLike = looksPersonal({ table: table.name, column: name, type })?.what;
    return looksLike === undefined ? [] : [{ column: name, rule: 'none', looksLike }];
  });
}

function isTouched({ how }: CopiedTable): boolean {
  return how === 'masked' || how === 'excluded' || how === 'as-is';
}
