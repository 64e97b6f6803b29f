import type { Migration } from '../../migrations/migration.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Sketch } from '../../schema/sketch.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import { tableDefinition, type TableDefinition } from '../../sql/table-definition.ts';
import type { HistoryItem } from '../history/history.ts';
import type { ViolationCount } from '../evidence/measurement.ts';

/** What is known of a statement that a database refused; everything of its migration was undone. */
export interface Failure {
  /** The engine's own words: they may quote values, so they are matched and never repeated. */
  readonly message: string;
  readonly code: string;
  readonly environment: string;
  /** The command line that would begin the run again. */
  readonly again: string;
  /** Named in commands where the environment has several. */
  readonly database: string | undefined;
  readonly dialect: 'libsql' | 'd1' | 'postgres';
  /** What a PostgreSQL server names beside its words, which may be in any language. */
  readonly named?: ServerNames;
  readonly migration: Migration;
  /** From 1; undefined where it came at the commit, or the server names none. */
  readonly number: number | undefined;
  readonly sql: string | undefined;
  /** As it was before the migration, and so is again. */
  readonly schema: Schema;
  /** What the statement met, as far as reading the statements before it can tell. */
  readonly sketch: Sketch;
  readonly history: readonly HistoryItem[];
  /** The migrations that ran before it in this run, by tag. */
  readonly ranBefore: ReadonlySet<string>;
}

/** Names alone, no values; tables as `members` or `shop.orders`. */
export interface ServerNames {
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  /** The columns or expressions of the key that two rows share, or that refers to nothing, as SQL. */
  readonly keys: readonly string[];
  /** What the statement would leave without what it needs, in the server's words: `view seen`. */
  readonly dependents: readonly string[];
  /** Whom the statement was run as, where that matters. */
  readonly role?: string;
  /** The constraint as it was before the migration; undefined where the migration itself makes it. */
  readonly known?: KnownConstraint;
}

export type KnownConstraint =
  | { readonly kind: 'check'; /** As SQL. */ readonly expression: string }
  | {
      readonly kind: 'foreign-key';
      readonly table: string;
      readonly columns: readonly string[];
      readonly parent: string;
      readonly parentColumns: readonly string[];
    };

/** Why it failed, and what to do. Both are sentences; no values, names only. */
export interface Cause {
  /** Without a full stop. */
  readonly why: string;
  readonly next: string;
}

/** A cause as far as the error tells it, and what to look at for the rest. */
export type Suspicion =
  | { readonly kind: 'known'; readonly cause: Cause }
  | {
      readonly kind: 'rows';
      /** Asked just before the statement where that can be had: one row with `n`, and `groups` where rows come in groups. */
      readonly sql: string;
      readonly shows: readonly Show[];
      readonly say: (found: Found | undefined, commands: readonly string[]) => Cause;
    }
  /** The rows that would refer to nothing, per table. */
  | {
      readonly kind: 'violations';
      readonly shows: (found: readonly ViolationCount[] | undefined) => readonly Show[];
      readonly say: (found: readonly ViolationCount[] | undefined, commands: readonly string[]) => Cause;
    };

/** A question that a person can ask; its command is passed on when it shows a row now, when all is undone. */
export interface Show {
  readonly sql: string;
  readonly command: string;
}

export interface Found {
  readonly n: number;
  readonly groups: number;
}

/** One kind of cause: undefined when the error is not of its kind. */
export type Suspect = (failure: Failure) => Suspicion | undefined;

export function known(why: string, next: string): Suspicion {
  return { kind: 'known', cause: { why, next } };
}

/** What shows the rows, before what to do about them. */
export function shownBy(commands: readonly string[], then: string): string {
  const [first, second] = commands;
  if (first === undefined) return then;
  return second === undefined ? `${first} shows them. ${then}` : `${first} and ${second} show them. ${then}`;
}

/** `migrate-tui COMMAND ENV`, with the database where there are several. */
export function command({ environment, database }: Failure, name: string, rest = ''): string {
  const chosen = database === undefined ? '' : ` --database ${database}`;
  return `migrate-tui ${name} ${environment}${rest === '' ? '' : ` ${rest}`}${chosen}`;
}

/** The table as its CREATE TABLE says, in the migration itself or in the database. */
export function definitionOf(
  { schema, migration, number }: Failure,
  table: string,
): TableDefinition | undefined {
  const before = migration.statements.slice(0, number === undefined ? undefined : number - 1);
  const texts = schema.objects.filter(({ type }) => type === 'table').map(({ display }) => display);
  for (const sql of [...before.map((one) => one.sql).toReversed(), ...texts]) {
    const definition = tableDefinition(sql);
    if (definition && sameName(definition.table, table)) return definition;
  }
  return undefined;
}

/** Whether the database holds a table of that name before the migration: a person can ask it now. */
export function isThereNow({ schema }: Failure, table: string): boolean {
  return schema.objects.some(({ type, name }) => type === 'table' && foldName(name) === foldName(table));
}
