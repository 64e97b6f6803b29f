import type { Schema } from '../../schema/schema.ts';
import { partsOf } from '../../schema/parts.ts';
import { classify } from '../../sql/classify.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import { rebuildsIn } from '../../sql/rebuilds.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import { leavesNothing } from '../diagnosis/diagnosis.ts';
import { latest, type HalfRun } from './half-run.ts';
import { mayRunAgain } from './once-more.ts';
import { seesLater } from './order-matters.ts';
import { triggersOn } from './triggers-on.ts';
import { statementNamed } from './words.ts';

/** What comes behind a clean-up. */
export type After = 'run-again' | 'nothing';

/**
 * The first statement after a point that ran, or may have run, and did something that dropping what was made does not
 * take back; why, in words that can stand behind "because".
 */
export function notUndone(
  half: HalfRun,
  { to, after }: { readonly to: number; readonly after: After },
): string | undefined {
  const { migration, points } = half;
  for (let number = to + 1; number <= latest(half); number += 1) {
    const sql = migration.statements[number - 1]?.sql ?? '';
    const before = points[number - 1] ?? nothing;
    const context = { half, to, number, base: points[to] ?? nothing, before };
    if (leavesNothing(sql) || (after === 'run-again' && mayRunAgain(sql, context.before))) continue;
    const why = lasts(classify(sql), context);
    if (why !== undefined) return `${statementNamed(number, sql)} ${tense(half, number)} ${why}`;
  }
  return after === 'run-again' ? seesLater(half, to) : undefined;
}

const nothing: Schema = { objects: [] };

const tense = ({ reached }: HalfRun, number: number) =>
  number <= reached[0] ? 'ran, and' : 'may have run, and';

interface Context {
  readonly half: HalfRun;
  readonly to: number;
  /** The statement's, from 1. */
  readonly number: number;
  readonly base: Schema;
  readonly before: Schema;
}

function lasts(kind: StatementKind, context: Context): string | undefined {
  switch (kind.kind) {
    case 'drop-table':
      return hasTable(context.base, kind.table) ? dropped(context) : undefined;
    case 'alter-table':
      return kind.action.kind === 'add-column' || !hasTable(context.base, kind.table)
        ? undefined
        : 'has no inverse that is sure to lose nothing';
    case 'insert':
    case 'update':
    case 'delete':
      return changesRows(kind, context);
    case 'create-table':
    case 'create-virtual-table':
    case 'create-index':
    case 'drop-index':
    case 'create-view':
    case 'drop-view':
    case 'create-trigger':
    case 'drop-trigger':
    case 'analyze':
    case 'reindex':
    case 'vacuum':
    case 'select':
    case 'transaction':
      return undefined;
    default:
      return 'what it left is not told from the schema';
  }
}

function dropped({ half, number }: Context): string {
  const rebuild = rebuildsIn(half.migration.statements).find(({ drop }) => drop === number);
  if (!rebuild) return 'has no inverse: the rows are only in a backup, if anywhere';
  return latest(half) < rebuild.end
    ? `has no inverse: the old table is gone, and its rows are in ${rebuild.via}`
    : 'has no inverse: the old table is gone, and the one that is there now has its rows';
}

function changesRows(
  kind: Extract<StatementKind, { kind: 'insert' | 'update' | 'delete' }>,
  { half, to, base, before }: Context,
): string | undefined {
  const { table } = kind;
  if (isTemporary(half, table)) return undefined;
  if (!hasTable(before, table)) return 'which rows it changed is not told from its text';
  if (triggersOn(before, table).length > 0)
    return `a trigger of ${table} may have changed other rows with it`;
  if (!hasTable(base, table)) return undefined;
  const parts = partsOf(base);
  const isInColumnsThatGo =
    kind.kind === 'update' &&
    kind.columns.length > 0 &&
    kind.columns.every((column) => !parts.has(`column ${foldName(table)}.${foldName(column)}`));
  if (isInColumnsThatGo) return undefined;
  return `what it changed in ${table} cannot be taken back${to === 0 ? '' : ' from there'}`;
}

function hasTable({ objects }: Schema, table: string): boolean {
  return objects.some(({ type, name }) => type === 'table' && sameName(name, table));
}

/** It went with the connection that made it. */
function isTemporary({ migration }: HalfRun, table: string): boolean {
  return migration.statements.some(({ sql }) => {
    const kind = classify(sql);
    return kind.kind === 'create-table' && kind.temporary && sameName(kind.table, table);
  });
}
