import { safe } from '../../lib/safe-text.ts';
import type { Migration } from '../../migrations/migration.ts';
import { sketched, type Sketch } from '../../schema/sketch.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { rebuildsIn } from '../../sql/rebuilds.ts';
import type { Dialect } from '../../sql/statement.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import { childrenFirst } from './children-first.ts';
import { quoted, undoOf, type Undo } from './undo-of.ts';

/** A rollback file as far as the statements of its migration tell what takes them back. */
export interface RollbackDraft {
  /** Of the file, with a comment for each statement that is left open. */
  readonly text: string;
  /** How many statements it holds. */
  readonly drafted: number;
  /** Numbers of the migration's statements that somebody has to take back by hand, newest first. */
  readonly open: readonly number[];
}

/**
 * Drafts the rollback file of a migration: what a statement made is dropped, what it renamed has its old name again,
 * newest first. What a statement took away, or did to rows that were there before, is in no text, and is named.
 *
 * @param before the schema that the files before it make
 */
export function draftRollback(
  { tag, statements }: Pick<Migration, 'tag' | 'statements'>,
  { before, dialect }: { readonly before: Sketch; readonly dialect: Dialect },
): RollbackDraft {
  const walked = walk(statements, { before, dialect });
  const newestFirst = walked.undos.toReversed();
  const open = newestFirst.flatMap(({ number, undo }) => (undo.kind === 'open' ? [number] : []));
  const lines = newestFirst.flatMap(({ number, undo }) => linesOf(undo, statements[number - 1], number));
  const drops = childrenFirst(walked.made, walked.after.foreignKeys).map(
    (table) => `DROP TABLE ${quoted(dialect, table)};`,
  );
  const last = newestFirst.flatMap(({ undo }) =>
    undo.kind === 'sql' && undo.when === 'last' ? [undo.sql] : [],
  );
  const found = [...lines, ...drops, ...last.map((sql) => `${sql};`)];
  const drafted = found.filter((line) => !line.startsWith('--')).length;
  const isDone = statements.length > 0 && found.length === 0;
  const body = isDone ? ['-- Nothing of it has to be taken back.', 'SELECT 1;'] : found;
  return { text: `${[heading(tag, statements.length), ...body].join('\n')}\n`, drafted, open };
}

function heading(tag: string, statements: number): string {
  const from =
    statements === 0 ? 'Write its statements here, what was made last first' : 'A draft, to be looked over';
  return `-- Takes ${safe(tag, { lines: 'one' })} back. ${from}.`;
}

interface Numbered {
  /** Of the statement, from 1. */
  readonly number: number;
  readonly undo: Undo;
}

interface Walked {
  /** In the order of the statements. */
  readonly undos: readonly Numbered[];
  /** Tables that are there afterwards and that the migration made, in that order. */
  readonly made: readonly string[];
  readonly after: Sketch;
}

function walk(
  statements: Migration['statements'],
  { before, dialect }: { readonly before: Sketch; readonly dialect: Dialect },
): Walked {
  const rebuilds = rebuildsIn(statements);
  const made = new Map<string, string>();
  const undos: Numbered[] = [];
  let now = before;
  for (const [index, { sql }] of statements.entries()) {
    const number = index + 1;
    const parts = partsOf(classify(sql));
    const rebuild = rebuilds.find(({ create, end }) => create <= number && number <= end);
    if (rebuild && parts.some((part) => isAbout(part, rebuild))) {
      // The table is there before and after: how it was is in an earlier file.
      if (number === rebuild.end) undos.push({ number, undo: { kind: 'open' } });
    } else {
      for (const part of parts) {
        undos.push({ number, undo: undoOf(part, { before, now, made: new Set(made.keys()), dialect }) });
        follow(made, part, now);
      }
    }
    now = sketched(now, sql);
  }
  return { undos: onceOpen(undos), made: [...made.values()], after: now };
}

function isAbout(
  kind: StatementKind,
  { table, via }: { readonly table: string; readonly via: string },
): boolean {
  return (
    'table' in kind && kind.table !== undefined && [table, via].map(foldName).includes(foldName(kind.table))
  );
}

/** Which tables are the migration's own, under the names that they have after the statement. */
function follow(made: Map<string, string>, kind: StatementKind, now: Sketch): void {
  const key = 'table' in kind && kind.table !== undefined ? foldName(kind.table) : '';
  switch (kind.kind) {
    case 'create-table':
      if (!kind.temporary && !now.tables.has(key)) made.set(key, kind.table);
      break;
    case 'create-virtual-table':
      if (!now.tables.has(key)) made.set(key, kind.table);
      break;
    case 'drop-table':
      made.delete(key);
      break;
    case 'alter-table':
      if (kind.action.kind === 'rename-table' && made.delete(key))
        made.set(foldName(kind.action.to), kind.action.to);
      break;
    default:
  }
}

/** A statement of several parts is named once. */
function onceOpen(undos: readonly Numbered[]): readonly Numbered[] {
  return undos.filter(
    ({ number, undo }, index) =>
      undo.kind !== 'open' ||
      !undos.slice(0, index).some((one) => one.number === number && one.undo.kind === 'open'),
  );
}

function linesOf(
  undo: Undo,
  statement: Migration['statements'][number] | undefined,
  number: number,
): readonly string[] {
  switch (undo.kind) {
    case 'nothing':
      return [];
    case 'sql':
      return undo.when === 'last' ? [] : [`${undo.sql};`];
    case 'open':
      return [
        `-- Left open: what takes back statement ${number}, line ${statement?.line ?? 1}: ${shortened(statement?.sql ?? '')}`,
      ];
  }
}

/** A comment is one line. */
function shortened(sql: string): string {
  const line = safe(sql.replaceAll(/\s+/g, ' ').trim(), { lines: 'one' });
  return line.length > widest ? `${line.slice(0, widest)}…` : line;
}

const widest = 120;
