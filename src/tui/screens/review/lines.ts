import { count, duration, quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { age, moment } from '../../../lib/time.ts';
import type { PlanReport } from '../../../operations/reports.ts';
import { evidenceLines, numberOf } from '../../present/evidence.ts';
import { findingLines } from '../../present/findings.ts';
import { columns, fit, paragraph } from '../../present/layout.ts';
import { cutClause, widthOf } from '../../present/width.ts';
import { say, toned, type Line } from '../../present/line.ts';
import { nextOnScreen } from '../../present/next.ts';
import { stepRowLines } from '../../present/steps.ts';
import { windowTop } from '../../present/window.ts';
import { blockingRefusals } from './demands.ts';
import { rehearses } from './way.ts';
import {
  byKey,
  isStale,
  plannedOf,
  rehearsalOf,
  saysChanged,
  stoppedAt,
  writtenOf,
  type ReviewState,
} from './state.ts';
import { reviewSteps, statementsOf } from './steps.ts';
import { beforeWords, reasonLines, runLines, waySentence } from './way-lines.ts';

/** The page above the frame, the row of it that must stay in sight, and where what the dry-run showed stands. */
export interface ReviewPage {
  readonly lines: readonly Line[];
  readonly cursor: number | undefined;
  readonly evidence: { readonly at: number; readonly rows: number };
}

/** `rows`: of the whole body. */
export interface ReviewRoom {
  readonly width: number;
  readonly rows: number;
  readonly now: number;
}

export function reviewPage(
  signs: Signs,
  state: ReviewState,
  report: PlanReport,
  room: ReviewRoom,
): ReviewPage {
  const { width, now } = room;
  const before = [
    ...paragraph(headline(state, report), { width }),
    ...problems(signs, state, report, width),
    ...(state.way ? reasonLines(state.way, width) : []),
    ...stepRowLines(signs, reviewSteps(state, report, now), { width }),
  ];
  const evidence = report.evidence ? evidenceLines(signs, report.evidence, { width }) : [];
  const migrations = migrationLines(signs, state, report, room);
  const upToEvidence = [...before, ...migrations.lines, ...waitingLines(signs, report, width)];
  const upTo = [...upToEvidence, ...(isStale(state) ? evidence.map((line) => toned(line, 'dim')) : evidence)];
  const findings = findingLines(signs, report.findings, {
    width,
    cursor: state.finding,
    several: plannedOf(report).length > 1,
  });
  const at =
    state.finding === undefined ? -1 : findings.findIndex(({ finding }) => finding === state.finding);
  return {
    lines: [
      ...upTo,
      ...findings.map(({ line }) => line),
      ...warningLines(signs, report, width),
      ...(state.way ? runLines(signs, state.way, width) : []),
    ],
    cursor:
      at >= 0 ? upTo.length + at : isAtMigrations(state) ? before.length + migrations.cursor : undefined,
    evidence: { at: upToEvidence.length, rows: evidence.length },
  };
}

/** Where the dry-run stopped the cursor stands by itself: what happened is read first, and names it. */
function isAtMigrations(state: ReviewState): boolean {
  return state.top === 0 && !state.way && state.cursor !== stoppedAt(state);
}

function headline(state: ReviewState, report: PlanReport): string {
  if (state.way) return `${waySentence(state.way, report)} ${progressOf(state, report)}`;
  const planned = plannedOf(report).length;
  const waiting = report.databases.reduce((sum, one) => sum + one.waiting.length, 0);
  const of =
    waiting > 0
      ? `${count(planned)} of ${count(planned + waiting)} pending migrations`
      : quantity(planned, 'pending migration');
  return `Deploy ${of} to ${report.environment}: ${statementsOf(report)}. ${progressOf(state, report)}`;
}

function progressOf(state: ReviewState, report: PlanReport): string {
  const { rehearsal, refused } = state;
  const { environment } = report;
  switch (rehearsal.kind) {
    case 'none':
      if (refused?.code === 'target-changed') return `${environment} was not written to.`;
      if (state.way) return beforeWords(state.way, report);
      return `Nothing was done yet: t takes the backup and rehearses; ${whatBecomesOf(report)}.`;
    case 'running':
      return `The dry-run is at work; ${whatBecomesOf(report)}.`;
    case 'failed':
      return `The dry-run ${rehearsal.error.code === 'interrupted' ? 'was stopped' : 'failed'}; ${environment} is unchanged.`;
    case 'rehearsed':
      if (isStale(state)) return `${environment} changed since the dry-run; t rehearses anew.`;
      return report.evidence
        ? `Backup and dry-run are done; ${environment} is unchanged.`
        : `The dry-run is done; its evidence is being read.`;
  }
}

/** Only a rehearsal inside the database writes there, in a request that must fail. */
function whatBecomesOf(report: PlanReport): string {
  const { environment } = report;
  return rehearsalOf(report) === 'in-target'
    ? `what it writes in ${environment} is undone with it`
    : `${environment} is only read`;
}

function problems(signs: Signs, state: ReviewState, report: PlanReport, width: number): readonly Line[] {
  const { rehearsal, refused } = state;
  const failed = rehearsal.kind === 'failed' ? [rehearsal.error] : [];
  // A plan that was read since says by itself, and newer, what moved.
  const told = refused?.code === 'target-changed' && saysChanged(report);
  const kept = refused && !told ? [refused] : [];
  const otherwise = rehearsal.kind === 'failed' ? 't runs it again.' : againWords(state.way);
  const keys = { again: 't runs it again.', rehearse: 't rehearses anew.', otherwise };
  return [...failed, ...kept, ...blockingRefusals(report)].flatMap((error) => [
    ...paragraph(`${signs.failed} ${error.message}`, { width, tone: 'danger' }),
    ...paragraph(nextOnScreen(error, keys), { width, indent: 4 }),
  ]);
}

function againWords(way: ReviewState['way']): string {
  if (!way) return 'r reads the plan again.';
  return rehearses(way) ? 't rehearses anew.' : 'r asks again; esc leads back to what was found.';
}

function migrationLines(
  signs: Signs,
  state: ReviewState,
  report: PlanReport,
  { width, rows: height, now }: ReviewRoom,
): { readonly lines: readonly Line[]; readonly cursor: number } {
  // The page of a way shows its statements themselves.
  if (state.way) return { lines: [], cursor: 0 };
  const several = writtenOf(report).length > 1;
  const rows = plannedOf(report).map((one) => ({
    name: several ? `${one.database} ${one.tag}` : one.tag,
    statements: quantity(one.statements, 'statement'),
    elsewhere: elsewhere(one, now),
  }));
  const free = width - 18;
  const longest = Math.max(...rows.map(({ name }) => widthOf(name) + 2));
  const said = Math.max(...rows.map(({ elsewhere: [, brief] }) => widthOf(brief) + 3));
  // A name is cut before it is not said where else it ran.
  const name = Math.max(width >= 100 ? 32 : width >= 80 ? 26 : 20, Math.min(longest, free - said));
  const seen = migrationsInSight(rows.length, state.cursor, height);
  const lines = rows.slice(seen.from, seen.to).map((row, index) =>
    migrationLine(signs, row, {
      here: seen.from + index === state.cursor,
      outcome: seen.from + index === stoppedAt(state) ? 'failed' : 'pending',
      name,
      room: Math.max(0, free - name),
    }),
  );
  const part = `    ${count(seen.from + 1)} to ${count(seen.to)} of ${quantity(rows.length, 'migration')}, j k`;
  return {
    lines: lines.length === rows.length ? lines : [...lines, [say(part, 'dim')]],
    cursor: state.cursor - seen.from,
  };
}

/** Of a long list a third of the page, round the cursor: what is asked to be agreed to stands below it. */
function migrationsInSight(
  length: number,
  cursor: number,
  rows: number,
): { readonly from: number; readonly to: number } {
  const height = Math.max(4, Math.floor(rows / 3));
  if (length <= height + 1) return { from: 0, to: length };
  const from = windowTop({ top: cursor - Math.floor(height / 2), cursor, height, length });
  return { from, to: from + height };
}

interface MigrationRow {
  readonly name: string;
  readonly statements: string;
  readonly elsewhere: readonly [long: string, brief: string];
}

interface MigrationLook {
  readonly here: boolean;
  /** In the dry-run. */
  readonly outcome: 'pending' | 'failed';
  /** Columns of its name, and of where else it ran. */
  readonly name: number;
  readonly room: number;
}

function migrationLine(signs: Signs, row: MigrationRow, { here, outcome, name, room }: MigrationLook): Line {
  const [long, brief] = row.elsewhere;
  const where = widthOf(long) <= room - 3 ? long : cutClause(brief, Math.max(0, room - 3), signs);
  return columns(signs, [
    { content: [say(here ? `  ${signs.cursor} ` : '    ', 'accent')], width: 4 },
    {
      content: [say(`${signs[outcome]} `, outcome === 'failed' ? 'danger' : 'text'), say(row.name)],
      width: name,
      cut: 'middle',
    },
    { content: row.statements, width: 14, align: 'right' },
    { content: [say('   '), say(where, 'dim')], width: room },
  ]);
}

function elsewhere(
  { elsewhere: places }: ReturnType<typeof plannedOf>[number],
  now: number,
): MigrationRow['elsewhere'] {
  const place = places.at(-1);
  if (!place) return ['applied nowhere else yet', 'nowhere else'];
  const at = place.at;
  const since = at === undefined ? '' : ` for ${age(at, new Date(now))}, since ${moment(at)}`;
  const took = place.took === undefined ? '' : `; took ${duration(place.took)} there`;
  return [`on ${place.environment}${since}${took}`, `on ${place.environment}${since}`];
}

function waitingLines(signs: Signs, report: PlanReport, width: number): readonly Line[] {
  return report.databases.flatMap(({ waiting }) =>
    [...Map.groupBy(waiting, ({ why }) => why)].flatMap(([why, items]) => {
      const names = namesOf(items.map(({ tag }) => tag));
      const name = width >= 100 ? 36 : width >= 80 ? 30 : 22;
      return paragraph(`waits: ${byKey(why)}`, { width, indent: name + 3, tone: 'dim' }).map((line, row) =>
        row > 0
          ? line
          : [
              say('    '),
              ...fit(signs, {
                content: say(`${signs.nothing} ${names}`, 'dim'),
                width: name - 1,
                cut: 'middle',
              }),
              ...line.slice(1),
            ],
      );
    }),
  );
}

function namesOf(tags: readonly string[]): string {
  if (tags.length <= 1) return tags[0] ?? '';
  const numbers = tags.map(numberOf);
  return tags.length === 2
    ? numbers.join(' and ')
    : `${numbers[0]} to ${numbers.at(-1)}, ${count(tags.length)} migrations`;
}

function warningLines(signs: Signs, { warnings }: PlanReport, width: number): readonly Line[] {
  return warnings.flatMap((warning) =>
    paragraph(byKey(warning), { width, indent: 4, tone: 'warn' }).map((line, row) =>
      row === 0 ? [say(`  ${signs.finding} `, 'warn'), ...line.slice(1)] : line,
    ),
  );
}
