import type { MigrationReport, RewrittenMigration } from '../../../operations/reports.ts';
import type { Meant } from '../../app/bookkeeping.ts';
import type { Context } from '../../screen.ts';
import { air, type Asked } from '../page.ts';
import { asRewritten, type MigrationText } from './text.ts';

/** What was read of one migration, and where the eye is. */
export interface MigrationState {
  readonly database: string;
  readonly tag: string;
  /** Which one is meant by what is begun here; undefined: none. */
  readonly environment: string | undefined;
  readonly asked: Asked<MigrationReport>;
  /** The file as it keeps the rows of other tables on D1, in its place while it is looked at. */
  readonly rewritten: RewrittenMigration | undefined;
  readonly top: number;
}

/** The environment that a finding's way out names. */
export function environmentToKeep({ asked }: MigrationState): string | undefined {
  if (asked.kind !== 'answered') return undefined;
  const ways = asked.report.findings.flatMap(({ fix }) => /--keep-children (\S+)/.exec(fix ?? '')?.[1] ?? []);
  return ways.find((name) => asked.report.environments.some(({ environment }) => environment === name));
}

/** The migration in the environment that the page was opened from. */
export function meantIn({ environment, tag }: MigrationState): Meant | undefined {
  return environment === undefined ? undefined : { environment, item: { tag, state: undefined } };
}

/** The page is about one database, whichever the first page shows. */
export function inDatabase({ database }: MigrationState, context: Context): Context {
  return { ...context, database };
}

/** As it is, or as it would be with the file rewritten. */
export function shownReport(report: MigrationReport, { rewritten }: MigrationState): MigrationReport {
  return rewritten ? asRewritten(report, rewritten) : report;
}

/** Rows that are left for the body of its text. */
export function room(text: MigrationText, context: Context): number {
  return Math.max(1, context.rows - text.headRows - air(context).length);
}
