import * as fc from 'fast-check';

/** Migrations as SQL chunks, and rows that an application writes between two of them. */
export interface RandomFolder {
  readonly migrations: readonly { readonly tag: string; readonly chunks: readonly string[] }[];
  /** How many of the first are applied before the application writes. */
  readonly applied: number;
  readonly rows: readonly string[];
}

/**
 * Folders that drizzle-kit and people write, and whose statements mean the same with foreign keys on and off:
 * rows refer to rows that are there, and no referenced row is deleted, replaced or given another key.
 */
export const randomFolder: fc.Arbitrary<RandomFolder> = fc
  .record({
    moves: fc.array(fc.record({ kind: fc.nat(99), a: fc.nat(99), b: fc.nat(999), cut: fc.boolean() }), {
      minLength: 4,
      maxLength: 26,
    }),
    applied: fc.nat(6),
  })
  .map(({ moves, applied }) => folderOf(moves, applied));

type Move = { readonly kind: number; readonly a: number; readonly b: number; readonly cut: boolean };

interface Column {
  name: string;
  readonly type: string;
  /** Named by an index, a check, a key or an expression: it is not dropped. */
  held: boolean;
  readonly definition: string;
}

interface Table {
  name: string;
  readonly columns: Column[];
  readonly key: Key | undefined;
  /** After the columns: WITHOUT ROWID, STRICT. */
  readonly options: string;
  readonly check: 'positive' | 'none';
  readonly indexes: (() => string)[];
  /** Views and triggers of other tables name it. */
  named: boolean;
  lastId: number;
}

interface Key {
  readonly column: string;
  /** `undefined`: the table itself. */
  readonly parent: Table | undefined;
  readonly actions: string;
}

interface Model {
  readonly tables: Table[];
  readonly views: string[];
  made: number;
}

function folderOf(moves: readonly Move[], wanted: number): RandomFolder {
  const model: Model = { tables: [], views: [], made: 0 };
  const migrations: { tag: string; chunks: string[] }[] = [];
  let rows: readonly string[] | undefined;
  for (const [index, move] of moves.entries()) {
    let cut = move.cut || migrations.length === 0;
    if (rows === undefined && wanted > 0 && move.cut && migrations.length === wanted) {
      rows = written(model);
      cut = true;
    }
    const chunks = index === 0 ? createTable(model, move) : chunksOf(model, move);
    if (chunks.length === 0) continue;
    const last = migrations.at(-1);
    const appliedAlready = rows !== undefined && migrations.length === wanted;
    if (last && !cut && !appliedAlready) last.chunks.push(...chunks);
    else migrations.push({ tag: `${String(migrations.length).padStart(4, '0')}_step`, chunks: [...chunks] });
  }
  const more = migrations.length > wanted;
  return { migrations, applied: more ? wanted : 0, rows: more ? (rows ?? []) : [] };
}

const quoted = (name: string) => `\`${name}\``;

function chunksOf(model: Model, move: Move): readonly string[] {
  const table = model.tables[move.a % model.tables.length];
  if (!table) return createTable(model, move);
  const all = [
    createTable,
    createTable,
    addColumn,
    addColumn,
    createIndex,
    createIndex,
    rebuild,
    rebuild,
    rebuild,
    dropTable,
    trigger,
    view,
    dropView,
    insert,
    insert,
    insert,
    insertSelect,
    update,
    update,
    remove,
    upsert,
    replace,
    renameColumn,
    renameTable,
    dropColumn,
    fullText,
    withComment,
  ];
  return all[move.kind % all.length]?.(model, move, table) ?? [];
}

function createTable(model: Model, { a, b }: Move): readonly string[] {
  const number = (model.made += 1);
  const parents = model.tables.filter(({ name }) => name !== 'log');
  const parent = b % 3 === 0 ? undefined : parents[a % Math.max(1, parents.length)];
  const self = b % 7 === 0;
  const strict = b % 11 === 0;
  const actions = `ON UPDATE ${actionsOf[b % 5]} ON DELETE ${actionsOf[(b >> 3) % 5]}`;
  const key =
    self || parent ? { column: 'parent_id', parent: self ? undefined : parent, actions } : undefined;
  const table: Table = {
    name: nameOf(number, b),
    columns: columnsOf(b, strict),
    key,
    options: [b % 13 === 0 ? 'WITHOUT ROWID' : '', strict ? 'STRICT' : '']
      .filter((word) => word !== '')
      .join(', '),
    check: b % 5 === 0 ? 'positive' : 'none',
    indexes: [],
    named: false,
    lastId: 0,
  };
  model.tables.push(table);
  return [createSql(table, table.name, b % 13 !== 0 && b % 17 === 0 ? ' AUTOINCREMENT' : '')];
}

const actionsOf = ['no action', 'cascade', 'set null', 'restrict', 'set default'];

function nameOf(number: number, b: number): string {
  return b % 19 === 0 ? `Odd name ${number}'s` : b % 23 === 0 ? `order_${number}` : `t${number}`;
}

function columnsOf(b: number, strict: boolean): Column[] {
  const name: Column = {
    name: 'name',
    type: 'text',
    held: false,
    definition: b % 2 === 0 ? "text DEFAULT 'it''s; --' NOT NULL" : strict ? 'text' : 'text COLLATE NOCASE',
  };
  const amount: Column = {
    name: 'amount',
    type: 'real',
    held: true,
    definition: b % 3 === 0 ? 'real DEFAULT 1.5' : 'real',
  };
  const extra: Column[] = [
    { name: 'payload', type: 'blob', held: false, definition: 'blob' },
    { name: 'year', type: 'text', held: false, definition: "text DEFAULT (strftime('%Y', '2020-02-02'))" },
    { name: 'big', type: 'integer', held: false, definition: 'integer DEFAULT 9007199254740993 NOT NULL' },
  ];
  return [name, amount, ...extra.filter((_, index) => ((b >> index) & 1) === 1)];
}

function createSql(table: Table, as: string, autoincrement: string): string {
  const { key, columns, check, options } = table;
  const lines = [
    `\`id\` integer PRIMARY KEY${autoincrement} NOT NULL`,
    ...columns.map(({ name, definition }) => `${quoted(name)} ${definition}`),
    ...(key ? [`${quoted(key.column)} integer`] : []),
    ...(check === 'positive' ? ['CONSTRAINT "positive" CHECK("amount" IS NULL OR "amount" >= -1e9)'] : []),
    ...(key
      ? [
          `FOREIGN KEY (${quoted(key.column)}) REFERENCES ${quoted((key.parent ?? table).name)}(\`id\`) ${key.actions}`,
        ]
      : []),
  ];
  return `CREATE TABLE ${quoted(as)} (\n\t${lines.join(',\n\t')}\n)${options === '' ? '' : ` ${options}`};\n`;
}

function addColumn(model: Model, { a, b }: Move, table: Table): readonly string[] {
  const name = `added_${(model.made += 1)}`;
  const kinds = ['text', "text DEFAULT 'x' NOT NULL", 'integer DEFAULT 7 NOT NULL', 'blob'];
  const definition = kinds[(a + b) % kinds.length] ?? 'text';
  table.columns.push({ name, type: definition.split(' ')[0] ?? 'text', held: false, definition });
  return [`ALTER TABLE ${quoted(table.name)} ADD ${quoted(name)} ${definition};`];
}

function createIndex(model: Model, { b }: Move, table: Table): readonly string[] {
  const name = `index_${(model.made += 1)}`;
  const column = table.columns[b % table.columns.length];
  if (!column) return [];
  column.held = true;
  const made = () =>
    [
      `CREATE INDEX ${quoted(name)} ON ${quoted(table.name)} (${quoted(column.name)});`,
      `CREATE UNIQUE INDEX ${quoted(name)} ON ${quoted(table.name)} (${quoted(column.name)},\`id\`);`,
      `CREATE INDEX ${quoted(name)} ON ${quoted(table.name)} (${quoted(column.name)}) WHERE "id" > 2;`,
      `CREATE INDEX ${quoted(name)} ON ${quoted(table.name)} (lower("name") DESC, abs("id"));`,
    ][b % 4] ?? '';
  const nameColumn = table.columns[0];
  if (nameColumn && b % 4 === 3) nameColumn.held = true;
  table.indexes.push(made);
  return [made()];
}

/** As drizzle-kit 0.31 writes it. Triggers on the table go with it, in both tools. */
function rebuild(_model: Model, { b }: Move, table: Table): readonly string[] {
  if (table.named) return [];
  const fresh = `__new_${table.name}`;
  const columns = ['id', ...table.columns.map(({ name }) => name), ...(table.key ? [table.key.column] : [])]
    .map((name) => `"${name}"`)
    .join(', ');
  const where = b % 9 === 0 ? ' WHERE true' : '';
  return [
    'PRAGMA foreign_keys=OFF;',
    createSql(table, fresh, ''),
    `INSERT INTO ${quoted(fresh)}(${columns}) SELECT ${columns} FROM ${quoted(table.name)}${where};`,
    `DROP TABLE ${quoted(table.name)};`,
    `ALTER TABLE ${quoted(fresh)} RENAME TO ${quoted(table.name)};`,
    'PRAGMA foreign_keys=ON;',
    ...table.indexes.map((made) => made()),
  ];
}

function isReferenced(model: Model, table: Table): boolean {
  return (
    model.tables.some(({ key }) => key?.parent === table) ||
    (table.key !== undefined && table.key.parent === undefined)
  );
}

function dropTable(model: Model, _move: Move, table: Table): readonly string[] {
  if (model.tables.length < 2 || table.named || isReferenced(model, table)) return [];
  model.tables.splice(model.tables.indexOf(table), 1);
  return [`DROP TABLE ${quoted(table.name)};`];
}

function trigger(model: Model, { a, b }: Move, table: Table): readonly string[] {
  const name = `trigger_${(model.made += 1)}`;
  const log = model.tables.find((other) => other !== table && other.name === 'log');
  const makes = log
    ? []
    : ['CREATE TABLE `log` (`id` integer PRIMARY KEY AUTOINCREMENT, `name` text, `amount` real);'];
  if (!log && model.tables.some((other) => other.name === 'log')) return [];
  if (!log) {
    const plain = (column: string, type: string): Column => ({
      name: column,
      type,
      held: true,
      definition: type,
    });
    model.tables.push({
      name: 'log',
      columns: [plain('name', 'text'), plain('amount', 'real')],
      key: undefined,
      options: '',
      check: 'none',
      indexes: [],
      named: true,
      lastId: 1_000_000,
    });
  }
  const when = ['AFTER INSERT', 'AFTER UPDATE', 'AFTER DELETE'][(a + b) % 3] ?? '';
  const row = when === 'AFTER DELETE' ? 'old' : 'new';
  return [
    ...makes,
    `CREATE TRIGGER ${quoted(name)} ${when} ON ${quoted(table.name)} BEGIN\n\tINSERT INTO log (name, amount) VALUES ('${when}; ' || ${row}.id, CASE WHEN ${row}.id > 1 THEN 1 ELSE 0 END);\n\tUPDATE log SET amount = amount + 1 WHERE id = 1;\nEND;`,
  ];
}

function view(model: Model, { b }: Move, table: Table): readonly string[] {
  const name = `view_${(model.made += 1)}`;
  model.views.push(name);
  table.named = true;
  return [
    `CREATE VIEW ${quoted(name)} AS select "id", ${b % 2 === 0 ? 'count(*) AS n' : '1 AS n'} from ${quoted(table.name)}${b % 2 === 0 ? ' group by "id"' : ''};`,
  ];
}

function dropView(model: Model): readonly string[] {
  const name = model.views.pop();
  return name === undefined ? [] : [`DROP VIEW ${quoted(name)};`];
}

/** Some rows with new keys, each referring to a row that is there, or to none. */
function insert(_model: Model, { b }: Move, table: Table): readonly string[] {
  const rows = Array.from({ length: 1 + (b % 4) }, (_, index) => rowOf(table, b + index));
  return [
    `INSERT INTO ${quoted(table.name)} ${rows[0]?.columns ?? ''} VALUES ${rows.map(({ values }) => values).join(', ')};`,
  ];
}

function rowOf(table: Table, b: number): { readonly columns: string; readonly values: string } {
  const id = (table.lastId += 1);
  const parent = table.key && (table.key.parent ?? table);
  const known = parent === table ? id - 1 : (parent?.lastId ?? 0);
  const refers = known > 0 && b % 4 !== 0 ? '1' : 'NULL';
  const names = ['id', ...table.columns.map(({ name }) => name), ...(table.key ? [table.key.column] : [])];
  const values = [
    String(id),
    ...table.columns.map((column, at) => valueOf(column, b + at)),
    ...(table.key ? [refers] : []),
  ];
  return { columns: `(${names.map(quoted).join(', ')})`, values: `(${values.join(', ')})` };
}

function valueOf({ type, definition }: Column, b: number): string {
  const nullable = !definition.includes('NOT NULL');
  if (nullable && b % 5 === 0) return 'NULL';
  if (type === 'real') return ['-0.25', '3', '1e300', '0.1'][b % 4] ?? '0';
  if (type === 'blob') return ["x'00ff'", 'zeroblob(3)'][b % 2] ?? "x''";
  if (type === 'integer') return ['-9223372036854775808', '42', '9007199254740993'][b % 3] ?? '0';
  return [`'a;b -- c'`, `'line\nbreak'`, `'ümläut ☃'`, `''`, `'--> not a marker'`][b % 5] ?? "''";
}

function insertSelect(_model: Model, { b }: Move, table: Table): readonly string[] {
  if (table.lastId === 0) return [];
  const columns = table.columns.filter(({ definition }) => !definition.includes('NOT NULL')).slice(0, b % 3);
  const required = table.columns.filter(({ definition }) => definition.includes('NOT NULL'));
  const names = [...required, ...columns].map(({ name }) => quoted(name)).join(', ');
  const from = table.lastId;
  table.lastId = from * 2 + 1;
  return [
    `INSERT INTO ${quoted(table.name)} (\`id\`${names === '' ? '' : `, ${names}`}) SELECT \`id\` + ${from + 1}${names === '' ? '' : `, ${names}`} FROM ${quoted(table.name)};`,
  ];
}

function update(_model: Model, { b }: Move, table: Table): readonly string[] {
  const column = table.columns[b % table.columns.length];
  if (!column) return [];
  const where = b % 3 === 0 ? '' : ` WHERE \`id\` % 2 = ${b % 2}`;
  return [`UPDATE ${quoted(table.name)} SET ${quoted(column.name)} = ${valueOf(column, b + 1)}${where};`];
}

function remove(model: Model, { b }: Move, table: Table): readonly string[] {
  if (isReferenced(model, table)) return [];
  return [`DELETE FROM ${quoted(table.name)} WHERE \`id\` % 3 = ${b % 3} AND \`id\` > 1;`];
}

function upsert(_model: Model, { b }: Move, table: Table): readonly string[] {
  const [name] = table.columns;
  if (!name) return [];
  if (table.lastId > 0) table.lastId -= 1;
  const { columns, values } = rowOf(table, b);
  return [
    `INSERT INTO ${quoted(table.name)} ${columns} VALUES ${values} ON CONFLICT (\`id\`) DO UPDATE SET ${quoted(name.name)} = 'upserted';`,
  ];
}

function replace(model: Model, { b }: Move, table: Table): readonly string[] {
  if (isReferenced(model, table)) return [];
  if (table.lastId > 0) table.lastId -= 1;
  const { columns, values } = rowOf(table, b);
  return [`REPLACE INTO ${quoted(table.name)} ${columns} VALUES ${values};`];
}

function renameColumn(model: Model, { b }: Move, table: Table): readonly string[] {
  const column = table.columns.slice(2)[b % Math.max(1, table.columns.length - 2)];
  if (!column) return [];
  const old = column.name;
  column.name = `renamed_${(model.made += 1)}`;
  return [`ALTER TABLE ${quoted(table.name)} RENAME COLUMN ${quoted(old)} TO ${quoted(column.name)};`];
}

function renameTable(model: Model, _move: Move, table: Table): readonly string[] {
  if (table.name === 'log') return [];
  const old = table.name;
  table.name = `renamed_${(model.made += 1)}`;
  return [`ALTER TABLE ${quoted(old)} RENAME TO ${quoted(table.name)};`];
}

function dropColumn(_model: Model, _move: Move, table: Table): readonly string[] {
  const at = table.columns.findLastIndex(({ held }) => !held);
  const column = table.columns[at];
  if (!column || table.columns.length < 2 || at === 0) return [];
  table.columns.splice(at, 1);
  return [`ALTER TABLE ${quoted(table.name)} DROP COLUMN ${quoted(column.name)};`];
}

function fullText(model: Model, _move: Move, table: Table): readonly string[] {
  const name = `search_${(model.made += 1)}`;
  return [
    `CREATE VIRTUAL TABLE ${quoted(name)} USING fts5(body);`,
    `INSERT INTO ${quoted(name)} (rowid, body) SELECT "id", coalesce("name", '') FROM ${quoted(table.name)};`,
  ];
}

function withComment(model: Model, move: Move, table: Table): readonly string[] {
  return insert(model, move, table).map(
    (sql) => `-- Custom SQL migration file; put your code below! --\n/* and ; more */ ${sql}\n-- the end\n`,
  );
}

/** What the application writes into each table, in the order in which they were made: parents first. */
function written(model: Model): readonly string[] {
  return model.tables.flatMap((table, index) =>
    table.name === 'log' ? [] : insert(model, { kind: 0, a: 0, b: index * 3 + 5, cut: false }, table),
  );
}
