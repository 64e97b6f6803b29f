import type { MigrationStatement } from '../../migrations/migration.ts';
import { foldName, isName, sameName } from '../../sql/cursor.ts';
import { classify } from '../../sql/classify.ts';
import { rebuildsIn } from '../../sql/rebuilds.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import { meaningfulTokens, nameOf } from '../../sql/tokens.ts';
import { openRebuilds } from './open-rebuilds.ts';
import type { Facts } from './facts.ts';
import type { HalfRun } from './half-run.ts';
import { leansOnSession } from './leans-on-session.ts';
import { checkMovedRows, type MovedRows } from './moved-rows.ts';
import type { KeptBackup } from './restore.ts';
import { statementNamed } from './words.ts';

/** What is left to run after one of the points, or why it must not be run from there. */
export type GoOn =
  | {
      readonly kind: 'open';
      readonly statements: readonly MigrationStatement[];
      /** What was looked at in the rows, in sentences. */
      readonly checked: readonly string[];
      /** Why it is possible and still nothing to begin with. */
      readonly doubt?: string;
    }
  | { readonly kind: 'closed'; readonly why: string };

export interface GoOnOptions {
  /** Statements up to this one ran, and are not run again. */
  readonly from: number;
  readonly facts: Facts;
  readonly backup: KeptBackup | undefined;
}

/**
 * The remaining statements, where each of them does the same on a fresh connection as it would have done on the one
 * that was cut, and none drops or renames what a statement before the cut filled or copied from, unless the rows prove
 * that this was complete.
 */
export function goOn(half: HalfRun, options: GoOnOptions): GoOn {
  const { from } = options;
  const left = half.migration.statements
    .slice(from)
    .map((statement, at) => ({ ...statement, number: from + at + 1 }));
  const why = leansOnSession(half, from);
  if (why !== undefined) return { kind: 'closed', why };
  const judged = left.flatMap(
    ({ sql }, at) => endangered(half, { number: from + at + 1, sql, ...options }) ?? [],
  );
  const refused = judged.find((each) => each.kind === 'closed');
  if (refused) return refused;
  const proven = judged.filter((each) => each.kind === 'proven');
  const doubt = proven.find((each) => each.doubt !== undefined)?.doubt;
  return {
    kind: 'open',
    statements: left.filter(({ sql }) => isForUnit(classify(sql))),
    checked: proven.flatMap((each) => each.checked),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/** The unit is its own transaction, and nothing can be compacted inside it. */
function isForUnit(kind: StatementKind): boolean {
  return kind.kind !== 'transaction' && kind.kind !== 'vacuum';
}

interface Remaining extends GoOnOptions {
  readonly number: number;
  readonly sql: string;
}

/** Whether a remaining statement takes away what a statement before the cut filled or copied from. */
function endangered(half: HalfRun, { number, sql, from, facts, backup }: Remaining): MovedRows | undefined {
  const kind = classify(sql);
  const taken = takenAway(kind);
  if (!taken) return undefined;
  if (isMadeAnew(half, { number, from })) return undefined;
  const concerned = dataBefore(half, from).find((each) => concerns(each, taken));
  if (!concerned) return undefined;
  const rebuild = openRebuilds(half).find((each) => each.end === number && sameName(each.via, taken.table));
  if (rebuild?.phase === 'renaming') {
    return checkMovedRows(half, rebuild, { facts, backup });
  }
  const what = statementNamed(number, sql);
  const by = statementNamed(concerned.number, concerned.sql);
  return {
    kind: 'closed',
    why: `${what} takes away what ${by} filled or copied, and no row proves that this was complete`,
  };
}

/** A table that is dropped only after all of its rows were copied by what is left to run. */
function isMadeAnew(
  { migration }: HalfRun,
  { number, from }: { readonly number: number; readonly from: number },
): boolean {
  return rebuildsIn(migration.statements).some(
    ({ how, create, copies, drop }) =>
      how === 'create-copy-drop-rename' && drop === number && create > from && copies.length > 0,
  );
}

interface Taken {
  readonly table: string;
  readonly column?: string;
}

function takenAway(kind: StatementKind): Taken | undefined {
  if (kind.kind === 'drop-table') return { table: kind.table };
  if (kind.kind !== 'alter-table') return undefined;
  switch (kind.action.kind) {
    case 'rename-table':
      return { table: kind.table };
    case 'drop-column':
    case 'rename-column':
    case 'alter-column':
      return { table: kind.table, column: kind.action.column };
    case 'add-column':
      return undefined;
    default:
      return { table: kind.table };
  }
}

interface DataStatement {
  readonly number: number;
  readonly sql: string;
  /** The names in it, in lower case, as later renames left them. */
  readonly names: ReadonlySet<string>;
  readonly takesAll: boolean;
  /** It reads a view, and so any table. */
  readonly readsView: boolean;
}

/** The statements before the cut that wrote rows or copied them. */
function dataBefore({ migration, points }: HalfRun, from: number): readonly DataStatement[] {
  const ran = migration.statements.slice(0, from);
  return ran.flatMap(({ sql }, at) => {
    const kind = classify(sql);
    const writes =
      kind.kind === 'insert' ||
      kind.kind === 'update' ||
      (kind.kind === 'create-table' && kind.from !== undefined);
    if (!writes) return [];
    const words = meaningfulTokens(sql);
    const names = new Set(words.filter(isName).map((token) => foldName(nameOf(token))));
    const takesAll =
      words.some(({ text }) => text === '*') || (kind.kind === 'insert' && kind.columns.length === 0);
    const views = (points[at]?.objects ?? []).filter(({ type }) => type === 'view');
    const readsView = views.some(({ name }) => names.has(foldName(name)));
    return [{ number: at + 1, sql, names: renamed(names, ran.slice(at + 1)), takesAll, readsView }];
  });
}

function renamed(
  names: ReadonlySet<string>,
  later: readonly { readonly sql: string }[],
): ReadonlySet<string> {
  const all = new Set(names);
  for (const { sql } of later) {
    const kind = classify(sql);
    if (kind.kind !== 'alter-table') continue;
    const { action, table } = kind;
    if (action.kind === 'rename-table' && all.has(foldName(table))) all.add(foldName(action.to));
    if (action.kind === 'rename-column' && all.has(foldName(action.column))) all.add(foldName(action.to));
  }
  return all;
}

function concerns({ names, takesAll, readsView }: DataStatement, { table, column }: Taken): boolean {
  if (readsView) return true;
  if (!names.has(foldName(table))) return false;
  return column === undefined || takesAll || names.has(foldName(column));
}
