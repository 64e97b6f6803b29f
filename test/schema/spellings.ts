import * as fc from 'fast-check';

/** A table as meaning; `spell` writes it in one of many ways. */
export interface TableModel {
  readonly name: string;
  readonly columns: readonly ColumnModel[];
  readonly key: readonly string[];
  readonly autoincrement: boolean;
  readonly uniques: readonly (readonly string[])[];
  readonly checks: readonly { readonly column: string; readonly above: number }[];
  readonly references: readonly {
    readonly column: string;
    readonly onDelete: string;
    readonly deferred: boolean;
  }[];
  readonly strict: boolean;
  readonly indexes: readonly {
    readonly column: string;
    readonly unique: boolean;
    readonly desc: boolean;
    readonly where: boolean;
    readonly lower: boolean;
  }[];
  readonly trigger: { readonly moment: 'BEFORE' | 'AFTER'; readonly column: string } | undefined;
}

export interface ColumnModel {
  readonly name: string;
  readonly type: 'INTEGER' | 'TEXT' | 'REAL';
  readonly notNull: boolean;
  readonly default: string | undefined;
  readonly nocase: boolean;
}

/** Random choices of one writer: how many there are does not matter, they are used in turn. */
export type Whims = readonly number[];

const names = ['id', 'Email', 'order', 'user id', 'état', 'b"q', 'key', 'n1'];
const defaults = [undefined, "'it''s'", "'x'", '1', '-1.5', 'CURRENT_TIMESTAMP', '(1 + 2)', '1e3'];

const column = (name: string): fc.Arbitrary<ColumnModel> =>
  fc.record({
    name: fc.constant(name),
    type: fc.constantFrom('INTEGER', 'TEXT', 'REAL'),
    notNull: fc.boolean(),
    default: fc.constantFrom(...defaults),
    nocase: fc.boolean(),
  });

export const tableModel: fc.Arbitrary<TableModel> = fc
  .subarray(names, { minLength: 2, maxLength: 5 })
  .chain((chosen) =>
    fc.record({
      name: fc.constantFrom('users', 'Group', 'a b'),
      columns: fc.tuple(...chosen.map(column)),
      key: fc.shuffledSubarray(chosen, { maxLength: 2 }),
      autoincrement: fc.boolean(),
      uniques: fc.uniqueArray(fc.shuffledSubarray(chosen, { minLength: 1, maxLength: 2 }), {
        maxLength: 2,
        selector: (unique) => unique.join('\0'),
      }),
      checks: fc.array(fc.record({ column: fc.constantFrom(...chosen), above: fc.nat(9) }), { maxLength: 2 }),
      references: fc.array(
        fc.record({
          column: fc.constantFrom(...chosen),
          onDelete: fc.constantFrom('NO ACTION', 'CASCADE', 'SET NULL', 'RESTRICT'),
          deferred: fc.boolean(),
        }),
        { maxLength: 1 },
      ),
      strict: fc.boolean(),
      indexes: fc.array(
        fc.record({
          column: fc.constantFrom(...chosen),
          unique: fc.boolean(),
          desc: fc.boolean(),
          where: fc.boolean(),
          lower: fc.boolean(),
        }),
        { maxLength: 2 },
      ),
      trigger: fc.option(
        fc.record({ moment: fc.constantFrom('BEFORE', 'AFTER'), column: fc.constantFrom(...chosen) }),
        { nil: undefined },
      ),
    }),
  );

export const whims: fc.Arbitrary<Whims> = fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 });

/** The statements that make a table, spelled by whim. */
export function spell(model: TableModel, chosen: Whims): readonly string[] {
  const pen = penOf(chosen);
  const statements = [table(model, pen)];
  for (const [at, index] of model.indexes.entries()) statements.push(indexOn(model, index, at, pen));
  if (model.trigger) statements.push(triggerOn(model, model.trigger, pen));
  return statements;
}

interface Pen {
  choose<T>(...options: readonly T[]): T;
  /** A keyword in some letter case. */
  word(text: string): string;
  /** A name in some quotes and letter case. */
  name(text: string): string;
  gap(): string;
  shuffled<T>(items: readonly T[]): readonly T[];
}

function penOf(chosen: Whims): Pen {
  let at = 0;
  const next = () => chosen[at++ % chosen.length] ?? 0;
  const choose = <T>(...options: readonly T[]): T => options[next() % options.length] ?? options[0]!;
  const plain = (text: string) => /^[A-Za-z]\w*$/.test(text) && !['order', 'Group'].includes(text);
  return {
    choose,
    word: (text) => choose(text, text.toLowerCase(), text[0] + text.slice(1).toLowerCase()),
    name: (text) => {
      const cased = choose(
        text,
        text.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
      );
      const quoted = [`"${cased.replaceAll('"', '""')}"`, `\`${cased}\``, `[${cased}]`];
      return plain(text) ? choose(cased, ...quoted) : choose(...quoted);
    },
    gap: () => choose(' ', '\n\t', ' /* a; comment */ ', ' -- to the end\n'),
    shuffled: (items) =>
      items
        .map((item) => ({ item, by: next() }))
        .sort((a, b) => a.by - b.by)
        .map(({ item }) => item),
  };
}

function table(model: TableModel, pen: Pen): string {
  const [only] = model.key;
  const keyColumn = model.columns.find(({ name }) => name === only);
  const automatic = model.autoincrement && model.key.length === 1 && keyColumn?.type === 'INTEGER';
  const inlineKey = model.key.length === 1 && (automatic || pen.choose(true, false));
  const below: string[] = [];
  const beside = new Map(model.columns.map(({ name }) => [name, [] as string[]]));
  const besideOf = (name: string) => beside.get(name) ?? [];
  const put = (name: string, inline: string, whole: string) =>
    pen.choose(true, false) ? besideOf(name).push(inline) : below.push(named(whole, pen));
  if (inlineKey && only)
    besideOf(only).push(pen.word('PRIMARY KEY') + (automatic ? ` ${pen.word('AUTOINCREMENT')}` : ''));
  else if (model.key.length > 0)
    below.push(named(`${pen.word('PRIMARY KEY')} (${list(model.key, pen)})`, pen));
  for (const unique of model.uniques) {
    const whole = `${pen.word('UNIQUE')}${pen.gap()}(${list(unique, pen)})`;
    const [first] = unique;
    if (unique.length === 1 && first) put(first, pen.word('UNIQUE'), whole);
    else below.push(named(whole, pen));
  }
  for (const { column, above } of model.checks) {
    const text = `CHECK (${check(model, column, above, pen)})`;
    put(column, text, text);
  }
  for (const { column, onDelete, deferred } of model.references) {
    const clause = references({ onDelete, deferred }, pen);
    put(column, clause, `FOREIGN KEY (${pen.name(column)}) ${clause}`);
  }
  const columns = pen
    .shuffled(model.columns)
    .map((made) => columnText(made, beside.get(made.name) ?? [], pen));
  const create = `${pen.word('CREATE TABLE')}${pen.choose('', ' if not exists')} ${pen.name(model.name)}`;
  const parts = [...columns, ...pen.shuffled(below)].join(`,${pen.gap()}`);
  return `${create}${pen.gap()}(${parts})${model.strict ? ` ${pen.word('STRICT')}` : ''}${pen.choose('', ';')}`;
}

const list = (columns: readonly string[], pen: Pen) => columns.map((name) => pen.name(name)).join(', ');
const named = (text: string, pen: Pen) => pen.choose(text, `CONSTRAINT "some name" ${text}`);

function check({ name }: TableModel, column: string, above: number, pen: Pen): string {
  const text = `${pen.choose('', `${pen.name(name)}.`)}${pen.name(column)}${pen.choose(' > ', '>')}${above}`;
  return pen.choose(text, `(${text})`);
}

function references(action: { onDelete: string; deferred: boolean }, pen: Pen): string {
  const onDelete =
    action.onDelete === 'NO ACTION'
      ? pen.choose('', ' ON DELETE no action')
      : ` ON DELETE ${action.onDelete}`;
  const onUpdate = pen.choose('', ' ON UPDATE no action');
  const deferred = action.deferred ? ' DEFERRABLE INITIALLY DEFERRED' : pen.choose('', ' NOT DEFERRABLE');
  return `REFERENCES ${pen.name('parents')} (${pen.name('id')})${pen.choose(onDelete + onUpdate, onUpdate + onDelete)}${deferred}`;
}

function columnText(column: ColumnModel, beside: readonly string[], pen: Pen): string {
  const parts = [...beside];
  if (column.notNull) parts.push(pen.word('NOT NULL') + pen.choose('', ' on conflict abort'));
  if (column.default !== undefined)
    parts.push(`${pen.word('DEFAULT')} ${spelledDefault(column.default, pen)}`);
  else parts.push(pen.choose('', 'DEFAULT NULL', 'default (null)'));
  parts.push(
    column.nocase
      ? `${pen.word('COLLATE')} ${pen.choose('NOCASE', 'nocase')}`
      : pen.choose('', 'COLLATE BINARY'),
  );
  return `${pen.name(column.name)} ${pen.word(column.type)} ${pen.shuffled(parts).join(pen.gap())}`;
}

function spelledDefault(text: string, pen: Pen): string {
  return text.startsWith('(')
    ? pen.choose(text, `(${text})`, text.replaceAll(' ', ''))
    : pen.choose(text, `(${text})`);
}

function indexOn(model: TableModel, index: TableModel['indexes'][number], at: number, pen: Pen): string {
  const on = index.lower
    ? `${pen.choose('lower', 'LOWER')}(${pen.name(index.column)})`
    : pen.name(index.column);
  const order = index.desc ? ' desc' : pen.choose('', ' ASC');
  const where = index.where ? ` ${pen.word('WHERE')} ${check(model, index.column, 3, pen)}` : '';
  const create = `CREATE ${index.unique ? pen.word('UNIQUE') : ''} INDEX ${pen.choose('', 'IF NOT EXISTS')}`;
  return `${create} i${at}${pen.gap()}ON ${pen.name(model.name)}(${on}${order})${where}`;
}

function triggerOn(model: TableModel, trigger: NonNullable<TableModel['trigger']>, pen: Pen): string {
  const moment = trigger.moment === 'BEFORE' ? pen.choose('', 'before') : pen.word('AFTER');
  const each = pen.choose('', 'FOR EACH ROW');
  const on = `UPDATE OF ${pen.name(trigger.column)} ON ${pen.name(model.name)}`;
  return `CREATE TRIGGER tr ${moment} ${on} ${each}${pen.gap()}BEGIN${pen.gap()}delete from parents where id = ${pen.choose('OLD', 'old')}.rowid; END`;
}
