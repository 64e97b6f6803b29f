import { foldName } from '../sql/cursor.ts';
import type { ForeignKeyClause } from '../sql/foreign-key-clause.ts';
import type { ColumnConstraint, ColumnDefinition, OnConflict } from '../sql/column-definition.ts';
import type { IndexedColumn, TableDefinition } from '../sql/table-definition.ts';
import type { Token } from '../sql/tokens.ts';
import { sayExpression, sayName, type Scope, type Style } from './wording.ts';

/**
 * A table in one house style. What SQLite treats alike is written alike: constraints of one column stand
 * where they can be compared, defaults that say nothing are gone, names of constraints too.
 * In `normal` the columns stand in the order of their names (docs/decisions/column-order.md).
 */
export function sayTable(definition: TableDefinition, style: Style): string {
  const columns = new Set(definition.columns.map(({ name }) => foldName(name)));
  const scope: Scope = { style, table: definition.table, columns };
  const key = primaryKey(definition);
  const lines = definition.columns.map((column) => sayColumn(column, { key, scope }));
  if (style === 'normal') lines.sort();
  lines.push(...(key && !key.inline ? [sayKey('PRIMARY KEY', key, scope)] : []));
  lines.push(...sorted(uniques(definition, scope)), ...sorted(checks(definition, scope)));
  lines.push(...sorted(foreignKeys(definition, scope)));
  const options = definition.options.toSorted().join(', ');
  const name = sayName(definition.table, style);
  return `CREATE TABLE ${name} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n)${options && ` ${options}`}`;
}

interface PrimaryKey {
  readonly columns: readonly IndexedColumn[];
  readonly names: ReadonlySet<string>;
  readonly autoincrement: boolean;
  readonly onConflict: OnConflict;
  /** A key of one column is written beside it, wherever it was declared. */
  readonly inline: boolean;
}

function primaryKey(definition: TableDefinition): PrimaryKey | undefined {
  for (const column of definition.columns) {
    const found = column.constraints.find((constraint) => constraint.kind === 'primary-key');
    if (found)
      return {
        ...found,
        columns: [plain(column.name, found.order)],
        names: namesOf([column.name]),
        inline: true,
      };
  }
  const found = definition.constraints.find((constraint) => constraint.kind === 'primary-key');
  if (!found) return undefined;
  const [first] = found.columns;
  const names = namesOf(found.columns.map(({ expression }) => nameIn(expression)));
  const inline = found.columns.length === 1 && first?.collation === undefined;
  if (!first || !inline) return { ...found, names, inline };
  const column = definition.columns.find(({ name }) => names.has(foldName(name)));
  // `INTEGER PRIMARY KEY DESC` beside the column is no alias of the rowid; `PRIMARY KEY (id DESC)` is, and DESC says nothing.
  const alias = column?.type.toUpperCase() === 'INTEGER' && !definition.options.includes('WITHOUT ROWID');
  return { ...found, names, inline, columns: alias ? [{ ...first, order: 'ASC' }] : found.columns };
}

function plain(name: string, order: 'ASC' | 'DESC'): IndexedColumn {
  return {
    expression: [{ kind: 'quoted-name', text: `"${name.replaceAll('"', '""')}"`, offset: 0, closed: true }],
    order,
  };
}

const namesOf = (names: readonly string[]) => new Set(names.map(foldName));

function nameIn(expression: readonly Token[]): string {
  const said = sayExpression(expression, { style: 'normal' });
  return said.startsWith('"') ? said.slice(1, -1).replaceAll('""', '"') : said;
}

function sayColumn(column: ColumnDefinition, context: { key: PrimaryKey | undefined; scope: Scope }): string {
  const { key, scope } = context;
  const inKey = key?.names.has(foldName(column.name)) === true;
  const parts = [sayName(column.name, scope.style), column.type.toUpperCase()];
  if (inKey && key.inline) parts.push(sayInlineKey(key));
  for (const kind of columnOrder) {
    const found = column.constraints.find((constraint) => constraint.kind === kind);
    // Drizzle 0.x writes NOT NULL in a key, 1.0 does not; see docs/decisions/schema-normal-form.md.
    if (found && !(found.kind === 'not-null' && inKey)) parts.push(sayColumnConstraint(found, scope));
  }
  return parts.filter((part) => part !== '').join(' ');
}

const columnOrder = ['not-null', 'default', 'collate', 'generated'] as const;

function sayInlineKey(key: PrimaryKey): string {
  const order = key.columns[0]?.order === 'DESC' ? ' DESC' : '';
  return `PRIMARY KEY${order}${sayConflict(key.onConflict)}${key.autoincrement ? ' AUTOINCREMENT' : ''}`;
}

function sayColumnConstraint(constraint: ColumnConstraint, scope: Scope): string {
  switch (constraint.kind) {
    case 'not-null':
      return `NOT NULL${sayConflict(constraint.onConflict)}`;
    case 'default':
      return sayDefault(constraint.value, scope);
    case 'collate':
      return foldName(constraint.collation) === 'binary'
        ? ''
        : `COLLATE ${constraint.collation.toUpperCase()}`;
    case 'generated':
      return `GENERATED ALWAYS AS (${sayExpression(constraint.expression, scope)}) ${constraint.stored}`;
    case 'null':
    case 'primary-key':
    case 'unique':
    case 'check':
    case 'references':
    case 'identity':
      return '';
  }
}

/** DEFAULT NULL is no default; a bare or double-quoted word is a string to SQLite; TRUE is 1. */
function sayDefault(value: readonly Token[], scope: Scope): string {
  const said = sayExpression(value, { style: scope.style, columns: new Set() });
  const [only] = value;
  const bare = value.length === 1 && only?.kind === 'word' ? only.text.toUpperCase() : undefined;
  if (bare === 'NULL') return '';
  if (bare === 'TRUE' || bare === 'FALSE') return `DEFAULT ${bare === 'TRUE' ? 1 : 0}`;
  if (bare !== undefined && bare.startsWith('CURRENT_')) return `DEFAULT ${bare}`;
  if (bare !== undefined && only) return `DEFAULT '${only.text}'`;
  if (value.length === 2 && only?.text === '+') return `DEFAULT ${value[1]?.text.toLowerCase() ?? ''}`;
  if (value.length === 2 && only?.text === '-') return `DEFAULT -${value[1]?.text.toLowerCase() ?? ''}`;
  return value.length === 1 ? `DEFAULT ${said}` : `DEFAULT (${said})`;
}

function sayConflict(onConflict: OnConflict): string {
  return onConflict === 'ABORT' ? '' : ` ON CONFLICT ${onConflict}`;
}

function uniques({ columns, constraints }: TableDefinition, scope: Scope): readonly string[] {
  const beside = columns.flatMap(({ name, constraints }) =>
    constraints.flatMap((constraint) =>
      constraint.kind === 'unique'
        ? [{ columns: [plain(name, 'ASC')], onConflict: constraint.onConflict }]
        : [],
    ),
  );
  const below = constraints.filter((constraint) => constraint.kind === 'unique');
  return [...beside, ...below].map((key) => sayKey('UNIQUE', key, scope));
}

function sayKey(
  word: string,
  key: { readonly columns: readonly IndexedColumn[]; readonly onConflict: OnConflict },
  scope: Scope,
): string {
  return `${word} (${key.columns.map((column) => sayIndexedColumn(column, scope)).join(', ')})${sayConflict(key.onConflict)}`;
}

/** One column or expression of a key or index. */
export function sayIndexedColumn({ expression, collation, order }: IndexedColumn, scope: Scope): string {
  const inner: Scope = { style: scope.style, ...(scope.table === undefined ? {} : { table: scope.table }) };
  const collate = collation === undefined ? '' : ` COLLATE ${collation.toUpperCase()}`;
  return `${sayExpression(expression, inner)}${collate}${order === 'DESC' ? ' DESC' : ''}`;
}

function checks({ columns, constraints }: TableDefinition, scope: Scope): readonly string[] {
  const all = [...columns.flatMap((column) => column.constraints), ...constraints];
  return all.flatMap((constraint) =>
    constraint.kind === 'check' ? [`CHECK (${sayExpression(constraint.expression, scope)})`] : [],
  );
}

function foreignKeys({ columns, constraints }: TableDefinition, scope: Scope): readonly string[] {
  const beside = columns.flatMap(({ name, constraints }) =>
    constraints.flatMap((constraint) =>
      constraint.kind === 'references' ? [sayForeignKey([name], constraint.clause, scope)] : [],
    ),
  );
  const below = constraints.flatMap((constraint) =>
    constraint.kind === 'foreign-key' ? [sayForeignKey(constraint.columns, constraint.clause, scope)] : [],
  );
  return [...beside, ...below];
}

function sayForeignKey(columns: readonly string[], clause: ForeignKeyClause, { style }: Scope): string {
  const list = (names: readonly string[]) => `(${names.map((name) => sayName(name, style)).join(', ')})`;
  const parent =
    sayName(clause.parent, style) + (clause.columns.length > 0 ? ` ${list(clause.columns)}` : '');
  const onDelete = clause.onDelete === 'NO ACTION' ? '' : ` ON DELETE ${clause.onDelete}`;
  const onUpdate = clause.onUpdate === 'NO ACTION' ? '' : ` ON UPDATE ${clause.onUpdate}`;
  const deferred = clause.checked === 'at-commit' ? ' DEFERRABLE INITIALLY DEFERRED' : '';
  return `FOREIGN KEY ${list(columns)} REFERENCES ${parent}${onDelete}${onUpdate}${deferred}`;
}

const sorted = (lines: readonly string[]) => [...new Set(lines)].sort();
