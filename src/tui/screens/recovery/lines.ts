import { count, quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { moment } from '../../../lib/time.ts';
import type { RecoveryCase } from '../../../operations/reports.ts';
import { paragraph } from '../../present/layout.ts';
import { toned, type Line } from '../../present/line.ts';
import { page } from '../../present/page.ts';
import { sideBySide } from '../../present/side-by-side.ts';
import type { Context } from '../../screen.ts';
import { askingLines } from '../page.ts';
import { problemLines } from '../reading.ts';
import { evidenceRows, meaningLines } from './evidence.ts';
import { caseAt, casesOf, isStale, targetOf, type RecoveryState } from './state.ts';
import { placeLines, statementLines } from './statements.ts';
import { verdictLines, verdictSentence } from './verdict.ts';
import { shortWayLines, wayLines } from './ways.ts';

/** Exactly the rows of the body. */
export function recoveryLines(signs: Signs, state: RecoveryState, context: Context): readonly Line[] {
  const { rows } = context;
  const found = caseAt(state);
  if (!found) return page(withoutCase(signs, state, context), { rows, top: 0 });
  if (state.shows === 'statements') {
    return page(statementLines(signs, found, context.columns), { rows, top: state.top });
  }
  const { above, ways, cursor } = partsOf(signs, state, found, context);
  return page(above, { rows, top: state.top, cursor, pinned: ways });
}

/** The part that scrolls, with the row that must be in sight, and the ways, which never leave the screen. */
export function partsOf(
  signs: Signs,
  state: RecoveryState,
  found: RecoveryCase,
  context: Context,
): { readonly above: readonly Line[]; readonly ways: readonly Line[]; readonly cursor: number | undefined } {
  const { columns: width, rows } = context;
  const cases = casesOf(state);
  const { lines, cursor } = storyOf(signs, state, found, context);
  const view = { width, cursor: state.way, cases };
  const whole = wayLines(signs, found, view);
  const room = rows - lines.length - whole.length;
  if (room < 0) {
    // What was found and what leads out share a low screen; neither pushes the other away.
    const share = Math.max(Math.min(6, rows - 3), rows - lines.length, Math.floor(rows * 0.4));
    const ways = whole.length <= share ? whole : shortWayLines(signs, found, { ...view, rows: share });
    return { above: lines, ways, cursor };
  }
  const statements = placeLines(signs, found, { width, rows: Math.min(room, mostStatements) });
  const above = [...lines, ...statements];
  return { above, ways: [...whole, ...blank(room - statements.length)], cursor };
}

const mostStatements = 16;

function blank(count: number): readonly Line[] {
  return Array.from({ length: Math.max(0, count) }, () => []);
}

/** Verdict, evidence and meaning. */
function storyOf(
  signs: Signs,
  state: RecoveryState,
  found: RecoveryCase,
  { columns: width, now }: Context,
): { readonly lines: readonly Line[]; readonly cursor: number | undefined } {
  const { environment } = state;
  const head = [
    ...problemLines(signs, state.reading, width),
    ...verdictLines(signs, found, { environment, target: targetOf(state, found), width, now }),
    ...otherCaseLines(state, width),
  ];
  const beside = width >= 120 && (found.meaning?.length ?? 0) > 0;
  const half = Math.floor((width - 1) / 2);
  const evidence = evidenceRows(signs, found, { width: beside ? half : width, cursor: state.evidence });
  const rows = evidence.map(({ line }) => line);
  const below = beside
    ? sideBySide(
        signs,
        () => rows,
        (room) => meaningLines(signs, found, room),
        width,
      )
    : [...rows, ...meaningLines(signs, found, width)];
  const told = isStale(state, now) ? below.map((line) => toned(line, 'dim')) : below;
  const at = state.evidence === undefined ? -1 : evidence.findIndex(({ index }) => index === state.evidence);
  return { lines: [...head, ...told], cursor: at < 0 ? undefined : head.length + at };
}

function otherCaseLines(state: RecoveryState, width: number): readonly Line[] {
  const cases = casesOf(state);
  if (cases.length < 2) return [];
  const following = cases[(state.at + 1) % cases.length];
  const then = following === undefined ? '' : `, ${following.tag}: ${following.verdict}`;
  return paragraph(`Case ${count(state.at + 1)} of ${count(cases.length)}; tab shows the next${then}.`, {
    width,
    indent: 4,
    tone: 'dim',
  });
}

function withoutCase(signs: Signs, state: RecoveryState, context: Context): readonly Line[] {
  const { columns: width } = context;
  const { environment, reading, known } = state;
  if (reading.kind === 'failed') {
    const { message, next } = reading.error;
    return [
      ...paragraph(`${signs.failed} ${message}`, { width, tone: 'danger' }),
      ...paragraph(`Nothing was changed. ${next ?? ''}`.trim(), { width, indent: 4 }),
      ...paragraph('r reads again.', { width, indent: 4 }),
    ];
  }
  if (known) {
    const nothing = `Nothing in ${environment} is unfinished or contradicts itself. esc back.`;
    const remarks = known.report.targets.flatMap(({ remark }) => (remark === undefined ? [] : [remark]));
    return [nothing, ...remarks, ...lockSentences(environment, context)].flatMap((text) =>
      paragraph(text, { width }),
    );
  }
  if (reading.kind !== 'asking') return [];
  return askingLines(signs, reading, { what: replaying(environment, context), context });
}

/** A run that is going on is no case: it is waited for. */
function lockSentences(environment: string, { environments }: Context): readonly string[] {
  const targets = environments.get(environment)?.status?.targets ?? [];
  return targets.flatMap(({ lock }) =>
    lock?.held === 'live' ? [`${lock.by}@${lock.host} has held its lock since ${moment(lock.since)}.`] : [],
  );
}

function replaying(environment: string, { opening, database }: Context): string {
  const of = opening?.databases.find(({ name }) => name === database) ?? opening?.databases[0];
  const amount = of === undefined ? 'its migrations' : quantity(of.migrations.length, 'migration');
  return `reading ${environment} and replaying ${amount} in an empty database`;
}

/** What stands on the page, for the clipboard: the verdict and what it rests on. */
export function caseText(environment: string, found: RecoveryCase): string {
  return [verdictSentence(environment, found), ...found.evidence, ...(found.meaning ?? [])].join('\n');
}
