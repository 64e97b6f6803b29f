import type { Schema } from '../../schema/schema.ts';
import { classify } from '../../sql/classify.ts';
import { foldName, isName, isWord, sameName } from '../../sql/cursor.ts';
import { quoteName } from '../../sql/quote.ts';
import { rebuildsIn, type Rebuild } from '../../sql/rebuilds.ts';
import { breakpointMarker, type MigrationStatement } from '../../sql/split.ts';
import { meaningfulTokens, nameOf } from '../../sql/tokens.ts';
import { chooseKept, type DroppedTable } from './choice.ts';
import { keysOf, modelAfter, modelOf, type Model } from './model.ts';
import { asideOf, readyToDrop, type Aside, type WrittenStatement } from './statements.ts';

export interface KeepChildrenInput {
  readonly statements: readonly Pick<MigrationStatement, 'sql' | 'comment'>[];
  /** As the database is before the migration. */
  readonly schema: Schema;
}

export type Rewriting =
  | {
      readonly kind: 'rewritten';
      readonly statements: readonly WrittenStatement[];
      /** What is copied aside and put back, or done in another order, each with a reason. */
      readonly keeps: readonly { readonly table: string; readonly why: string }[];
    }
  /** It can stay as it is. */
  | { readonly kind: 'not-needed'; readonly why: string }
  | { readonly kind: 'not-possible'; readonly why: string };

export type { WrittenStatement };

/**
 * A migration that drops or rebuilds tables, rewritten so that it leaves the rows of tables that refer to them as
 * they are, although foreign keys stay on, as they do on D1: those rows, or the columns that refer, are copied
 * into tables of their own, and put back when the table is there again. All in one batch, as before.
 */
export function keepChildren({ statements, schema }: KeepChildrenInput): Rewriting {
  const rebuilds = rebuildsIn(statements);
  const draft: Draft = {
    model: modelOf(schema),
    written: [],
    keeps: [],
    waiting: [],
    aside: undefined,
    until: 0,
  };
  for (const [index, statement] of statements.entries()) {
    const refusal = write(draft, { number: index + 1, statement, rebuilds });
    if (refusal !== undefined) return { kind: 'not-possible', why: refusal };
  }
  putBack(draft);
  const refusal = dropWaiting(draft);
  if (refusal !== undefined) return { kind: 'not-possible', why: refusal };
  return draft.keeps.length > 0
    ? { kind: 'rewritten', statements: draft.written, keeps: draft.keeps }
    : {
        kind: 'not-needed',
        why: 'Nothing refers to a table that this migration drops: no rows are in danger.',
      };
}

/** The text of a migration file that holds these statements. */
export function renderMigration(statements: readonly WrittenStatement[]): string {
  const pieces = statements.map(
    ({ sql, comment }) => `${comment === undefined ? '' : `${comment}\n`}${sql};`,
  );
  return `${pieces.join(`\n${breakpointMarker}\n`)}\n`;
}

/** The rewritten migration as far as it is written. */
interface Draft {
  model: Model;
  readonly written: WrittenStatement[];
  readonly keeps: { readonly table: string; readonly why: string }[];
  /** DROP TABLE statements that moved to the end. */
  readonly waiting: Waiting[];
  aside: Aside | undefined;
  /** The statement that ends the rebuild for which rows are aside. */
  until: number;
}

interface Waiting {
  readonly table: string;
  readonly statement: WrittenStatement;
  readonly dropped: DroppedTable;
}

interface Step {
  readonly number: number;
  readonly statement: WrittenStatement;
  readonly rebuilds: readonly Rebuild[];
}

/** @returns why the migration cannot be rewritten, or undefined */
function write(draft: Draft, step: Step): string | undefined {
  const { number, statement } = step;
  if (draft.aside && number > draft.until && !mayPass(statement.sql, draft.aside)) putBack(draft);
  if (draft.aside && number < draft.until && names(statement.sql, draft.aside.tables))
    return `Statement ${number} needs rows that are aside while a table is rebuilt. Put it into a migration of its own.`;
  const kind = classify(statement.sql);
  if (kind.kind === 'drop-table') return drop(draft, step, kind.table);
  const own = withOwnReferences(step);
  if (own.table !== undefined)
    draft.keeps.push({ table: own.table, why: 'it refers to itself: its new rows point to the new table' });
  append(draft, own.statement);
  return undefined;
}

/** Rows are put back before anything else but an index is touched; an index may be what a foreign key needs. */
function mayPass(sql: string, aside: Aside): boolean {
  const { kind } = classify(sql);
  return (kind === 'create-index' || kind === 'drop-index' || kind === 'pragma') && !names(sql, aside.tables);
}

function names(sql: string, tables: ReadonlySet<string>): boolean {
  return meaningfulTokens(sql).some((token) => isName(token) && tables.has(foldName(nameOf(token))));
}

function append(draft: Draft, statement: WrittenStatement): void {
  draft.written.push(statement);
  draft.model = modelAfter(draft.model, statement.sql);
}

function putBack(draft: Draft): void {
  if (!draft.aside) return;
  for (const statement of draft.aside.putBack) append(draft, statement);
  draft.aside = undefined;
}

function drop(draft: Draft, { number, statement, rebuilds }: Step, table: string): string | undefined {
  const rebuild = rebuilds.find((each) => each.drop === number);
  const choice = chooseKept(draft.model, table);
  if (choice.kind === 'not-possible') return choice.why;
  if (choice.kept.length === 0) {
    makeReady(draft, table, choice.dropped);
    append(draft, statement);
    return undefined;
  }
  if (!rebuild) {
    draft.waiting.push({ table, statement, dropped: choice.dropped });
    return undefined;
  }
  if (rebuild.how === 'rename-create-copy-drop')
    return `${rebuild.table} is renamed to ${table} first, and what referred to it refers to ${table} from then on. Make the new table under another name, copy the rows, drop ${rebuild.table}, and rename the new one.`;
  if (draft.aside)
    return `${table} is dropped while another table is being rebuilt. Put one of the two into a migration of its own.`;
  const via = rebuild.how === 'create-copy-drop-rename' ? rebuild.via : undefined;
  const aside = asideOf(choice, { model: draft.model, dropped: table, via });
  if ('why' in aside) return aside.why;
  makeReady(draft, table, choice.dropped);
  for (const each of aside.take) append(draft, each);
  append(draft, statement);
  draft.keeps.push(...aside.keeps);
  draft.aside = aside;
  draft.until = rebuild.end;
  return undefined;
}

function makeReady(draft: Draft, table: string, dropped: DroppedTable): void {
  const statements = readyToDrop(draft.model, table, dropped);
  for (const each of statements) append(draft, each);
  if (statements.length > 0)
    draft.keeps.push({
      table,
      why: 'its own references and triggers are put out of action before it is dropped',
    });
}

/** A table dropped for good goes last: by then what referred to it may be rebuilt without that, or dropped, too. */
function dropWaiting(draft: Draft): string | undefined {
  const left = [...draft.waiting];
  while (left.length > 0) {
    const at = left.findIndex(({ table }) => referring(draft.model, table) === undefined);
    const [next] = at === -1 ? [] : left.splice(at, 1);
    if (!next) {
      const [stuck] = left;
      const child = stuck && referring(draft.model, stuck.table);
      return `${stuck?.table} is dropped for good while ${child} refers to it: its rows cannot stay as they are. Rebuild ${child} without the reference, in this migration or before it.`;
    }
    makeReady(draft, next.table, next.dropped);
    append(draft, { comment: '-- Last: until here other tables referred to it.', ...next.statement });
    draft.keeps.push({ table: next.table, why: 'it is dropped last, when nothing refers to it any more' });
  }
  return undefined;
}

function referring({ tables }: Model, parent: string): string | undefined {
  const found = [...tables.values()].find(
    (table) =>
      !sameName(table.table, parent) && keysOf(table).some(({ clause }) => sameName(clause.parent, parent)),
  );
  return found?.table;
}

/**
 * The new table of a rebuild that refers to itself is written as referring to the old one, whose DROP would then
 * reach into it. Under its own name for now, the reference is renamed with the table.
 */
function withOwnReferences({ number, statement, rebuilds }: Step): {
  readonly statement: WrittenStatement;
  /** The table, where something was changed. */
  readonly table?: string;
} {
  const rebuild = rebuilds.find((each) => each.create === number && each.how === 'create-copy-drop-rename');
  if (!rebuild) return { statement };
  const all = meaningfulTokens(statement.sql);
  const places = all.filter(
    (token, at) =>
      isWord(all[at - 1], 'REFERENCES') && isName(token) && sameName(nameOf(token), rebuild.table),
  );
  if (places.length === 0) return { statement };
  const sql = places.reduceRight(
    (text, { offset, text: name }) =>
      text.slice(0, offset) + quoteName(rebuild.via) + text.slice(offset + name.length),
    statement.sql,
  );
  return { statement: { ...statement, sql }, table: rebuild.table };
}
