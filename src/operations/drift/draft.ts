import { commentLine } from '../../sql/comment-line.ts';
import { quoteName } from '../../sql/quote.ts';
import { foldName } from '../../sql/cursor.ts';
import { byMaking } from '../../schema/making-order.ts';
import type { Schema, SchemaObject } from '../../schema/schema.ts';
import { tableLines, wordsOf, type TableLines } from './draft-table.ts';

/**
 * A migration that would bring a database with the schema `from` to the schema `to`, for a person to review: it is
 * never run by itself. A rebuilt table keeps its rows; where a column has no value to give them, that is said in a comment.
 *
 * @returns statements in order, empty when nothing differs
 */
export function draftMigration(from: Schema, to: Schema): readonly string[] {
  const before = byKey(from);
  const after = byKey(to);
  const gone = from.objects.filter((object) => after.get(keyOf(object))?.normal !== object.normal);
  const come = to.objects.filter((object) => before.get(keyOf(object))?.normal !== object.normal);
  const tables = come.filter(isTable).flatMap((table) => tableDraft(before.get(keyOf(table)), table));
  const rebuilt = new Set(tables.flatMap(({ rebuilds }) => rebuilds));
  const isTakenAlong = ({ type, table }: SchemaObject) => type !== 'table' && rebuilt.has(foldName(table));
  const standing = (objects: readonly SchemaObject[]) => objects.filter((object) => !isTable(object));
  const dropped = [
    ...new Set([...standing(gone), ...from.objects.filter(isTakenAlong), ...namingOthers(from, rebuilt)]),
  ];
  const made = [
    ...new Set([...standing(come), ...to.objects.filter(isTakenAlong), ...namingOthers(to, rebuilt)]),
  ];
  const statements = [
    ...dropped.toSorted((a, b) => byMaking(b, a)).map(dropping),
    ...tables.flatMap((table) => table.statements),
    ...gone.filter((object) => isTable(object) && !after.has(keyOf(object))).map(dropping),
    ...made.toSorted(byMaking).map(({ display }) => `${display};`),
  ];
  return rebuilt.size === 0
    ? statements
    : ['PRAGMA foreign_keys=OFF;', ...statements, 'PRAGMA foreign_keys=ON;'];
}

interface TableDraft {
  readonly statements: readonly string[];
  /** Its own name, in lower case, when it is made anew: what stands on it goes along. */
  readonly rebuilds: readonly string[];
}

function tableDraft(from: SchemaObject | undefined, to: SchemaObject): readonly TableDraft[] {
  if (!from) return [{ statements: [`${to.display};`], rebuilds: [] }];
  const [old, next] = [tableLines(from.display), tableLines(to.display)];
  const added = old && next && addedOnly(old, next);
  if (added) {
    const name = quoteName(to.name);
    return [{ statements: added.map((line) => `ALTER TABLE ${name} ADD COLUMN ${line};`), rebuilds: [] }];
  }
  return [{ statements: rebuild(to, old, next), rebuilds: [foldName(to.name)] }];
}

/** The lines of new columns, when they are all that is new and SQLite can add them in place. */
function addedOnly(old: TableLines, next: TableLines): readonly string[] | undefined {
  if (old.foot !== next.foot || !isSame(old.constraints, next.constraints)) return undefined;
  const kept = [...old.columns].every(([name, line]) => next.columns.get(name) === line);
  const added = [...next.columns].filter(([name]) => !old.columns.has(name)).map(([, line]) => line);
  return kept && added.length > 0 && added.every(canBeAdded) ? added : undefined;
}

/** https://sqlite.org/lang_altertable.html#alter_table_add_column */
function canBeAdded(line: string): boolean {
  const words = wordsOf(line);
  if (/\b(?:PRIMARY KEY|UNIQUE|GENERATED|CHECK|REFERENCES)\b/.test(words)) return false;
  if (/\bDEFAULT (?:\(|CURRENT_)/.test(words)) return false;
  return !words.includes('NOT NULL') || /\bDEFAULT\b/.test(words);
}

function rebuild(
  { name, display }: SchemaObject,
  old: TableLines | undefined,
  next: TableLines | undefined,
): readonly string[] {
  const table = quoteName(name);
  const other = quoteName(`__new_${name}`);
  const columns = [...(next?.columns ?? [])].flatMap(([column, line]) =>
    old?.columns.has(column) && !isGenerated(line) ? [column] : [],
  );
  const shared = columns.map(quoteName).join(', ');
  const empty = [...(next?.columns ?? [])].filter(
    ([column, line]) => !old?.columns.has(column) && needsValue(line),
  );
  const notes = empty.map(
    ([column]) =>
      `${commentLine(`${column} may not be NULL and has no default: give the rows that are there a value.`)}\n`,
  );
  return [
    `${display.replace(/^CREATE TABLE (?:"(?:[^"]|"")*"|\S+)/, `CREATE TABLE ${other}`)};`,
    ...(columns.length === 0
      ? []
      : [`${notes.join('')}INSERT INTO ${other} (${shared}) SELECT ${shared} FROM ${table};`]),
    `DROP TABLE ${table};`,
    `ALTER TABLE ${other} RENAME TO ${table};`,
  ];
}

function needsValue(line: string): boolean {
  const words = wordsOf(line);
  return words.includes('NOT NULL') && !/\b(?:DEFAULT|GENERATED)\b/.test(words);
}

function isGenerated(line: string): boolean {
  return /\bGENERATED\b/.test(wordsOf(line));
}

/** SQLite refuses to rename a table while a view, or a trigger on any table, names one that is missing in between. */
function namingOthers({ objects }: Schema, rebuilt: ReadonlySet<string>): readonly SchemaObject[] {
  return rebuilt.size === 0 ? [] : objects.filter(({ type }) => type === 'view' || type === 'trigger');
}

function dropping({ type, name }: SchemaObject): string {
  return `DROP ${type.toUpperCase()} ${quoteName(name)};`;
}

function byKey({ objects }: Schema): ReadonlyMap<string, SchemaObject> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

const keyOf = ({ type, name }: SchemaObject) => `${type} ${foldName(name)}`;
const isTable = ({ type }: SchemaObject) => type === 'table';
const isSame = (a: readonly string[], b: readonly string[]) => a.join('\n') === b.join('\n');
