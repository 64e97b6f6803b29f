import { MigrateError } from '../../lib/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import type { ColumnStructure, Reference, Structure } from '../../schema/structure.ts';
import { sameName } from '../../sql/cursor.ts';
import type { CopiedTable } from './copied-tables.ts';
import type { MaskRule } from './masks.ts';

/**
 * What rules and tables left out would break, before anything is copied.
 *
 * @throws MigrateError `config` where a rule does not fit its column, `refused` where tables would not fit together
 */
export function refuseMisfits(structure: Structure, tables: readonly CopiedTable[]): void {
  for (const { table, columns } of tables) {
    const described = structure.tables.find(({ name }) => sameName(name, table));
    for (const { column, rule } of columns) {
      const found = described?.columns.find(({ name }) => sameName(name, column));
      const wrong = found && misfit(found, rule);
      if (wrong) throw noFit(`${table}.${column}`, rule, wrong);
    }
  }
  refuseWithoutParents(structure, tables);
  for (const reference of structure.references) refuseTorn(reference, tables);
}

/** @throws MigrateError `usage` for a table that the source does not have */
export function refuseUnknownExcluded(
  exclude: readonly string[],
  structures: readonly Structure[],
  source: string,
): void {
  const known = structures.flatMap(({ tables }) => tables.map(({ name }) => name));
  for (const name of exclude) {
    if (known.some((one) => sameName(one, name))) continue;
    const meant = nearest(name, known);
    throw new MigrateError(
      'usage',
      `${source} has no table ${name} to be left out. Nothing was copied or changed.`,
      {
        next: meant === undefined ? `It has: ${known.join(', ')}.` : `Was ${meant} meant?`,
      },
    );
  }
}

interface Misfit {
  readonly why: string;
  readonly fix: string;
}

function misfit(column: ColumnStructure, rule: MaskRule | 'none'): Misfit | undefined {
  if (rule !== 'hash' && rule !== 'null') return undefined;
  if (column.computedFrom !== undefined) {
    const from = column.computedFrom.join(', ');
    return {
      why: 'it is computed from other columns',
      fix: `Mask what it is computed from${from === '' ? '' : ` (${from})`}.`,
    };
  }
  if (column.key === 'rowid') {
    return {
      why: 'it is the number of its rows',
      fix: "Write 'keep': the number of a row says nothing about a person.",
    };
  }
  if (rule === 'hash' && column.hasNoHash !== undefined) {
    return { why: column.hasNoHash, fix: "Write 'null' or 'keep'." };
  }
  if (rule === 'null' && column.key !== 'none') {
    return {
      why: 'it is part of the primary key',
      fix: "Write 'hash': that keeps different values different.",
    };
  }
  if (rule === 'null' && !column.mayBeNull) {
    return { why: 'it is NOT NULL', fix: "Write 'hash' instead of 'null'." };
  }
  return undefined;
}

function noFit(column: string, rule: MaskRule | 'none', { why, fix }: Misfit): MigrateError {
  return new MigrateError(
    'config',
    `${column} has the rule '${rule}', but ${why}. Nothing was copied or changed.`,
    { next: `${fix} The rules are in masks in the configuration.` },
  );
}

/** What refers to rows that are left out has to be left out, too; and what refers to that. */
function refuseWithoutParents({ references }: Structure, tables: readonly CopiedTable[]): void {
  const excluded = tables.filter(({ how }) => how === 'excluded').map(({ table }) => table);
  const out = [...excluded];
  for (const parent of out) {
    for (const { table, columns } of references.filter((each) => sameName(each.parent, parent))) {
      const child = tables.find((one) => sameName(one.table, table));
      if (!child || out.some((name) => sameName(name, table))) continue;
      // A reference with a NULL in it refers to nothing.
      if (!columns.some(({ from }) => ruleOf(child, from) === 'null')) out.push(child.table);
    }
  }
  const torn = out.slice(excluded.length);
  if (torn.length === 0) return;
  throw new MigrateError(
    'refused',
    `${torn.join(', ')} would refer to rows of ${excluded.join(', ')}, which would be left out. Nothing was copied or changed.`,
    { next: `Leave them out as well: --exclude ${out.join(',')}. Or keep the rows that they refer to.` },
  );
}

/** Rows that refer to something must find it in the copy. */
function refuseTorn({ table, parent, columns }: Reference, tables: readonly CopiedTable[]): void {
  const child = tables.find((one) => sameName(one.table, table));
  const of = tables.find((one) => sameName(one.table, parent));
  if (!child || !of || child.how === 'excluded' || of.how === 'excluded') return;
  if (columns.some(({ from }) => ruleOf(child, from) === 'null')) return;
  for (const { from, to } of columns) {
    const [here, there] = [ruleOf(child, from), ruleOf(of, to)];
    if ((here === 'hash') === (there === 'hash') && there !== 'null') continue;
    const [one, other] =
      here === 'hash' ? [`${table}.${from}`, `${parent}.${to}`] : [`${parent}.${to}`, `${table}.${from}`];
    throw new MigrateError(
      'config',
      `masks changes ${one} and not ${other}, so rows of ${table} would refer to nothing. Nothing was copied or changed.`,
      { next: `Give both the same rule in masks: '${one}': 'hash', '${other}': 'hash'.` },
    );
  }
}

function ruleOf({ columns }: CopiedTable, column: string): MaskRule | 'none' | undefined {
  return columns.find((one) => sameName(one.column, column))?.rule;
}
