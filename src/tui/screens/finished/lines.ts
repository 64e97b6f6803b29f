import { duration, quantity } from '../../../lib/numbers.ts';
import { stopped } from '../../../lib/sentences.ts';
import type { Sign, Signs } from '../../../lib/signs.ts';
import { clock } from '../../../lib/time.ts';
import type { VerifyCheck } from '../../../operations/reports.ts';
import { expectedOfDatabase } from '../../present/expected.ts';
import { bar, columns, headline, paragraph, rule } from '../../present/layout.ts';
import { tableLines, tablesTitle } from '../../present/copied-tables.ts';
import { say, type Line } from '../../present/line.ts';
import { causeSentences, countsOf, rowLines, rowTitles } from '../../present/rows.ts';
import type { RunView } from '../../present/run-view.ts';
import { fitsBeside, sideBySide } from '../../present/side-by-side.ts';
import { nameOf, restsOnEvidence } from '../../present/steps.ts';
import { proofWords } from '../../present/way-back.ts';
import { wayTitle } from '../../present/way-out.ts';
import { widthOf } from '../../present/width.ts';
import type { Tone } from '../../theme.ts';
import { slowestLines } from './slowest.ts';
import type { FinishedState } from './state.ts';

/** The record of a run that ended well: every claim that was checked, and every row count that changed. */
export function finishedLines(signs: Signs, state: FinishedState, width: number): readonly Line[] {
  const { view } = state;
  const proven = provenLines(signs, view, width);
  const parts = {
    tables:
      view.tables.length > 0
        ? [
            tablesTitle(signs, view.tables, { width, on: 'run' }),
            ...tableLines(signs, view.tables, { width, on: 'run' }),
          ]
        : [],
    words: [
      ...causeSentences(view).flatMap((sentence) => paragraph(sentence, { width })),
      ...wayBackLines(view, width),
      ...paragraph(whatIsLeft(state), { width }),
      ...noticeLines(signs, view, width),
    ],
  };
  const head = headline(signs, { sign: 'done', tone: 'ok' }, firstSentence(state), width);
  // Below each other the times come last: what was lost and what is next are read without a key.
  if (!fitsBeside(width))
    return [
      ...head,
      ...proven,
      ...parts.tables,
      ...rowsPart(signs, view, width),
      ...parts.words,
      ...timeLines(signs, view, width),
      ...slowestLines(signs, state, width),
    ];
  return [
    ...head,
    ...(proven.length === 0
      ? timeLines(signs, view, width)
      : sideBySide(
          signs,
          (w) => provenLines(signs, view, w),
          (w) => timeLines(signs, view, w),
          width,
        )),
    ...parts.tables,
    ...(countsOf(view).length > 0 || view.migrations.length > 0
      ? sideBySide(
          signs,
          (w) => rowsPart(signs, view, w),
          (w) => slowestLines(signs, state, w),
          width,
        )
      : []),
    ...parts.words,
  ];
}

/** Such as that nobody could be told of the run: nothing else on the page says it. */
function noticeLines(signs: Signs, { notices }: RunView, width: number): readonly Line[] {
  const warnings = notices.filter(({ level, heard }) => level === 'warning' && heard === 'after-consent');
  return warnings.flatMap(({ message }) => paragraph(`${signs.finding} ${message}`, { width, tone: 'warn' }));
}

function firstSentence({ view, way, environment }: FinishedState): string {
  if (view.outcome.kind !== 'done') return 'The run has not ended.';
  // In the words of the page that it was chosen on: those of the command line are its own.
  const said =
    way && !way.back
      ? `${way.found.database} in ${environment} is recovered: ${wayTitle(way)} is done.`
      : view.outcome.message;
  return `${said} ${duration(view.outcome.took)}, finished at ${clock(view.outcome.at)}.`;
}

function provenLines(signs: Signs, view: RunView, width: number): readonly Line[] {
  const restores: readonly VerifyCheckView[] =
    view.wayBack?.proof === 'proven'
      ? [
          {
            sign: 'done',
            tone: 'ok',
            name: 'backup restores',
            says: `${view.wayBack.backup} was restored first`,
          },
        ]
      : [];
  const claims = [...restores, ...view.checks.map((check) => checkView(check, view.databases.length > 1))];
  if (claims.length === 0) return [];
  const room = Math.max(24, ...claims.map(({ name }) => widthOf(name) + 6));
  return [
    rule(signs, width, [{ at: 3, title: 'proven' }]),
    ...claims.flatMap(({ sign, tone, name, says }) =>
      paragraph(says, { width: width + 1, indent: room }).map((line, index) =>
        index > 0
          ? line
          : [
              ...columns(signs, [
                { content: [say('  '), say(signs[sign], tone), say(` ${name}`)], width: room },
              ]),
              ...line.slice(1),
            ],
      ),
    ),
  ];
}

interface VerifyCheckView {
  readonly sign: Sign;
  readonly tone: Tone;
  readonly name: string;
  readonly says: string;
}

function checkView({ database, check, state, says }: VerifyCheck, several: boolean): VerifyCheckView {
  const name = `${check.replaceAll('-', ' ')}${several ? ` of ${database}` : ''}`;
  switch (state) {
    case 'proven':
      return { sign: 'done', tone: 'ok', name, says };
    case 'differs':
      return { sign: 'failed', tone: 'danger', name, says };
    case 'not-possible':
      return { sign: 'unknown', tone: 'warn', name, says };
  }
}

function timeLines(signs: Signs, view: RunView, width: number): readonly Line[] {
  const steps = view.steps.filter(
    ({ took, step }) => took !== undefined && step !== 'lock' && step !== 'unlock',
  );
  if (steps.length === 0) return [];
  const longest = Math.max(1, ...steps.map(({ took = 0 }) => took));
  const bars = Math.max(0, Math.min(20, width - 44));
  return [
    rule(signs, width, [{ at: 3, title: 'time' }]),
    ...steps.map((step) => {
      const expected = step.step === 'migrate' ? expectedOfDatabase(view, step.database) : undefined;
      const { took = 0 } = step;
      return columns(signs, [
        { content: `  ${nameOf(view, step)}`, width: 16 },
        { content: duration(took), width: 8, align: 'right' },
        {
          content: [say('  '), ...bar(signs, { share: took / longest, width: bars, rest: 'hidden' })],
          width: bars + 2,
        },
        {
          content: [say(expected === undefined ? '' : `  dry-run: ${duration(expected)}`, 'dim')],
          width: Math.max(0, width - bars - 26),
        },
      ]);
    }),
  ];
}

function rowsPart(signs: Signs, view: RunView, width: number): readonly Line[] {
  if (countsOf(view).length === 0) return [];
  return [rule(signs, width, rowTitles(view, width)), ...rowLines(signs, view, width)];
}

/** Of a change that nothing rehearsed: what it was before is worth a line of its own. */
function wayBackLines(view: RunView, width: number): readonly Line[] {
  if (restsOnEvidence(view) || !view.wayBack) return [];
  const { backup, proof } = view.wayBack;
  return paragraph(`What ${view.environment} was before is in ${backup}, ${proofWords[proof]}; w shows it.`, {
    width,
  });
}

function whatIsLeft({ next, environment }: FinishedState): string {
  if (!next) return '';
  const [refusal] = next.refusals;
  if (refusal) return `${environment} cannot be deployed to as things stand: ${stopped(refusal.message)}`;
  const pending = next.databases.reduce((sum, { migrations }) => sum + migrations.length, 0);
  const [waiting] = next.databases.flatMap((one) => one.waiting);
  const waits = next.databases.reduce((sum, one) => sum + one.waiting.length, 0);
  const left =
    pending > 0 ? `${quantity(pending, 'migration')} more may run in ${environment}: d deploys.` : '';
  const held = waiting
    ? `${quantity(waits, 'migration waits', 'migrations wait')}: ${waiting.why.replace('--out-of-order does', 'w on the environments leads out')}.`
    : '';
  return [left, held, pending + waits === 0 ? `Nothing else is pending in ${environment}.` : '']
    .filter(Boolean)
    .join(' ');
}
