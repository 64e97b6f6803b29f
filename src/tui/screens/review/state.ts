import type { RunEvent } from '../../../operations/events.ts';
import type { PlanReport } from '../../../operations/reports.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { leadsToRecovery } from '../../present/next.ts';
import { unheard, type RunView } from '../../present/run-view.ts';
import { nothingTyped, type Typed } from '../../present/typed.ts';
import type { ChosenWay, RequestOf } from '../../screen.ts';

/** What the review knows, what was typed into it, and where the eye is. */
export interface ReviewState {
  readonly environment: string;
  /** The way out that is reviewed; undefined: a deploy is. */
  readonly way: ChosenWay | undefined;
  /** `dry-run`: begin it as soon as the plan is known. */
  readonly begin: 'look' | 'dry-run';
  readonly plan: PlanState;
  readonly rehearsal: Rehearsal;
  /** Why the deploy that was asked for on this page did not go on; until the next key that asks or tries. */
  readonly refused: MigrateErrorView | undefined;
  /** Whether rows of a protected environment may come to this machine, where that is to be asked. */
  readonly copying: 'not-asked' | 'asked' | 'agreed';
  readonly given: Given;
  readonly typed: Typed;
  /** `field`: letters are text. `page`: they are keys. */
  readonly focus: 'field' | 'page';
  /** Of the migrations of the plan, from 0. */
  readonly cursor: number;
  /** Of the findings, from 0, once `n` was pressed. */
  readonly finding: number | undefined;
  /** The first row of the page that is drawn; `cursor` follows the cursor. */
  readonly top: number;
}

export type PlanState =
  | { readonly kind: 'asking'; readonly since: number }
  /** `asking`: it is being read again and what stands there is the last known. */
  | { readonly kind: 'read'; readonly report: PlanReport; readonly readAt: number; readonly asking: boolean }
  | { readonly kind: 'error'; readonly error: MigrateErrorView };

export type Rehearsal =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly events: readonly RunEvent[]; readonly view: RunView }
  /** The plan with its evidence is in `plan` once it was read back. */
  | {
      readonly kind: 'rehearsed';
      readonly events: readonly RunEvent[];
      readonly view: RunView;
      /** What was rehearsed; undefined where an older version rehearsed a way out and left none. */
      readonly file: string | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly events: readonly RunEvent[];
      readonly view: RunView;
      readonly error: MigrateErrorView;
    };

/** What the person has agreed to so far, each typed on its own. */
export interface Given {
  readonly losses: readonly { readonly table: string; readonly rows: number }[];
  readonly reason: string | undefined;
}

export const nothingGiven: Given = { losses: [], reason: undefined };

export function firstState(
  { environment, begin, way }: Pick<RequestOf<'review'>, 'environment' | 'begin' | 'way'>,
  now: number,
): ReviewState {
  return {
    environment,
    way,
    begin,
    plan: { kind: 'asking', since: now },
    rehearsal: { kind: 'none' },
    refused: undefined,
    copying: 'not-asked',
    given: nothingGiven,
    typed: nothingTyped,
    focus: 'field',
    cursor: 0,
    finding: undefined,
    top: 0,
  };
}

export function reportOf({ plan }: ReviewState): PlanReport | undefined {
  return plan.kind === 'read' ? plan.report : undefined;
}

/** What the dry-run told so far; nothing was heard before it. */
export function viewOf({ rehearsal }: ReviewState): RunView {
  return rehearsal.kind === 'none' ? unheard : rehearsal.view;
}

/** Whether a file stands behind the page: a left lock, or a record without one, has none. */
export function isAboutMigration({ way }: ReviewState): boolean {
  if (way?.back) return true;
  return way === undefined || (way.found.statements ?? way.option.statements) !== undefined;
}

/** Why what was begun from this page did not get to its end. */
export function failureOf({ refused, rehearsal }: ReviewState): MigrateErrorView | undefined {
  return rehearsal.kind === 'failed' ? rehearsal.error : refused;
}

/** The page says that somebody else is writing to the target now. */
export function isLocked(state: ReviewState): boolean {
  return failureOf(state)?.code === 'locked';
}

/** What refuses it, or is passed over by it, is settled on the page of the ways out. */
export function isHeldUp(state: ReviewState): boolean {
  const report = reportOf(state);
  return (
    leadsToRecovery(failureOf(state)) ||
    (report?.refusals.some(leadsToRecovery) ?? false) ||
    passesOver(state)
  );
}

/** Some migrations would never run by themselves: on the command line a flag takes them along, here a way out does. */
export function passesOver(state: ReviewState): boolean {
  const waiting = reportOf(state)?.databases.flatMap((one) => one.waiting) ?? [];
  return waiting.some(({ why }) => outOfOrder.test(why));
}

const outOfOrder = /--out-of-order (?:does|runs (?:it|them))/;

/** The key that does here what the flag does on the command line. */
export function byKey(text: string): string {
  return text.replace(outOfOrder, 'w leads out');
}

export function plannedOf(
  report: PlanReport,
): readonly (PlanReport['databases'][number]['migrations'][number] & {
  readonly database: string;
})[] {
  return report.databases.flatMap(({ database, migrations }) =>
    migrations.map((migration) => ({ ...migration, database })),
  );
}

/** Which of its migrations the dry-run stopped at, from 0; undefined where it ended otherwise. */
export function stoppedAt(state: ReviewState): number | undefined {
  const report = reportOf(state);
  if (state.rehearsal.kind !== 'failed' || !report) return undefined;
  const { message } = state.rehearsal.error;
  const at = plannedOf(report).findIndex(({ tag }) => message.includes(` stopped at ${tag},`));
  return at < 0 ? undefined : at;
}

/** The databases that the plan writes to; a database with nothing pending is not in it. */
export function writtenOf({ databases }: PlanReport): PlanReport['databases'] {
  const written = databases.filter(({ migrations }) => migrations.length > 0);
  return written.length > 0 ? written : databases;
}

/** How the plan is rehearsed: what is not at Cloudflare has a copy, also where the setting says that it is done inside. */
export function rehearsalOf(report: PlanReport): PlanReport['rehearse'] {
  const inside = writtenOf(report).some(({ engine }) => engine === 'd1-remote');
  return report.rehearse === 'in-target' && !inside ? 'full' : report.rehearse;
}

/** Whether files, schema or history moved since the evidence was made: then only a new dry-run helps. */
export function isStale(state: ReviewState): boolean {
  // A way is found anew when it is taken: whatever refused it then, the page does not stand any more.
  if (state.way && state.refused) return state.refused.code !== 'locked';
  if (state.rehearsal.kind !== 'rehearsed') return false;
  return state.refused?.code === 'target-changed' || saysChanged(reportOf(state));
}

/** Whether the plan that was read back says by itself what moved. */
export function saysChanged(report: PlanReport | undefined): boolean {
  return report?.evidence !== undefined && report.refusals.some(({ code }) => code === 'target-changed');
}
