import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import type { SquashProof, SquashReport } from '../../../operations/squash/report.ts';
import { columns, headline, paragraph, rule } from '../../present/layout.ts';
import { say, toned, type Line } from '../../present/line.ts';
import { page } from '../../present/page.ts';
import type { Context } from '../../screen.ts';
import { air, askingLines } from '../page.ts';
import { fieldLines } from './field.ts';
import { fileLines } from './file.ts';
import { placeLines, tableLines, type Story } from './rows.ts';
import { sentenceOf } from './sentence.ts';
import type { SquashState } from './state.ts';
import { proofChecks, proofMark, proofName, type Mark } from './words.ts';

/** Exactly the rows of the body: the proofs one by one, then a row for each environment. */
export function squashLines(signs: Signs, state: SquashState, context: Context): readonly Line[] {
  const { columns: width, rows } = context;
  const { known, reading } = state;
  const head = [...air(context), ...headLines(signs, state, context)];
  if (state.shows === 'file') {
    return page(fileLines(signs, state, width), { rows, top: state.top });
  }
  if (!known) return page([...head, ...waitingRows(signs, state, context)], { rows, top: 0 });
  const story = storyOf(signs, state, known.report, width);
  const lines = reading.kind === 'asking' ? story.lines.map((line) => toned(line, 'dim')) : story.lines;
  // What it all comes to stays in sight, however low the screen is.
  const kept = head.slice(0, Math.max(1, rows - 6));
  return [
    ...kept,
    ...page(lines, {
      rows: rows - kept.length,
      top: 0,
      cursor: story.cursor,
      pinned: fieldLines(signs, state, { width, rows }),
    }),
  ];
}

function headLines(signs: Signs, state: SquashState, context: Context): readonly Line[] {
  const { known, reading } = state;
  const { columns: width } = context;
  if (reading.kind === 'failed') {
    const { message, next } = reading.error;
    return [
      ...paragraph(`${signs.failed} ${message}`, { width, tone: 'danger' }),
      ...paragraph(`Nothing was written. ${next ?? 'r reads again.'}`, { width, indent: 4 }),
    ];
  }
  const going =
    reading.kind === 'asking'
      ? askingLines(signs, reading, { what: doing(state, context), context, begins: 'at-once' })
      : [];
  if (!known) return going;
  const { sign, tone, text } = sentenceOf(known.report);
  return [...headline(signs, { sign, tone }, text, width), ...going];
}

function doing({ asked, reading }: SquashState, { environments }: Context): string {
  const several = quantity(environments.size, 'environment');
  if (asked.what === 'undo') return `asking ${several} whether one was made from the one file`;
  return reading.kind === 'asking' && reading.how === 'write'
    ? 'proving it once more, then writing'
    : `building it in two empty databases and asking ${several}`;
}

/** While nothing is known yet, each environment waits for its answer by name. */
function waitingRows(
  signs: Signs,
  { asked, reading, proven }: SquashState,
  context: Context,
): readonly Line[] {
  if (reading.kind !== 'asking') return [];
  const names = [...context.environments.keys()];
  return [
    ...(asked.what === 'squash' ? provingRows(signs, proven, context.columns) : []),
    rule(signs, context.columns, [{ at: 3, title: 'environments' }]),
    ...names.map((name): Line => [say(`  ${signs.nothing} asking ${name}`, 'dim')]),
  ];
}

/** The proofs that are known, then those that are still to come, in their order. */
function provingRows(signs: Signs, proven: readonly SquashProof[], width: number): readonly Line[] {
  const open = proofChecks.filter((check) => !proven.some((one) => one.check === check));
  return [
    ...proven.flatMap((proof) => proofRow(signs, proof, width)),
    ...open.flatMap((check, index) =>
      labelled(
        signs,
        { sign: 'pending', tone: 'dim' },
        { label: proofName[check], text: index === 0 ? 'is being proven' : 'not yet', width },
      ),
    ),
  ];
}

function proofRow(signs: Signs, { check, state, says }: SquashProof, width: number): readonly Line[] {
  return labelled(signs, proofMark[state], { label: proofName[check], text: says, width });
}

function storyOf(signs: Signs, state: SquashState, report: SquashReport, width: number): Story {
  const above = [
    ...report.otherRefusals.flatMap((text) =>
      paragraph(`${signs.failed} ${text}`, { width, tone: 'danger' }),
    ),
    ...proofLines(signs, report, width),
  ];
  const places = placeLines(signs, state, report, width);
  const tables = tableLines(signs, state, report, width);
  const next = nextLines(report, width);
  const cursor =
    places.cursor ?? (tables.cursor === undefined ? undefined : places.lines.length + tables.cursor);
  return {
    lines: [...above, ...places.lines, ...tables.lines, ...next],
    cursor: cursor === undefined ? undefined : above.length + cursor,
  };
}

// Whoever heard that a history in production must not be consolidated is told why this may be.
const whySafe =
  'A database that ran the last of them never runs the one file: drizzle-orm 0.x tells what ran by its time, 1.0 and wrangler by its name, and the one file keeps both of the last.';

function nextLines({ state, baseline, possibleTo }: SquashReport, width: number): readonly Line[] {
  if (state === 'possible' && baseline) return [[], ...paragraph(whySafe, { width, tone: 'dim' })];
  if (state !== 'refused' || possibleTo === undefined) return [];
  const text = `Every environment that was asked ran all up to ${possibleTo}: a squashes up to there.`;
  return [[], ...paragraph(text, { width })];
}

function proofLines(signs: Signs, { proof, baseline }: SquashReport, width: number): readonly Line[] {
  const custom = (baseline?.custom ?? []).map(({ type, name }) => `${type} ${name}`).join(', ');
  return [
    ...proof.flatMap((one) => proofRow(signs, one, width)),
    ...(custom === ''
      ? []
      : labelled(signs, { sign: 'done', tone: 'ok' }, { label: 'custom parts kept', text: custom, width })),
  ];
}

/** A sign, what it is of, and a sentence beside it; behind it where there is no room for columns. */
function labelled(
  signs: Signs,
  { sign, tone }: Mark,
  { label, text, width }: { readonly label: string; readonly text: string; readonly width: number },
): readonly Line[] {
  const mark: Line = [say('  '), say(signs[sign], tone)];
  const said = tone === 'dim' ? 'dim' : 'text';
  if (width < 80) {
    const [first = [], ...rest] = paragraph(`${label}: ${text}`, { width, indent: 4, tone: said });
    return [[...mark, say(' '), ...first.slice(1)], ...rest];
  }
  const [first = [], ...rest] = paragraph(text, { width, indent: labelWidth + 5, tone: said });
  return [
    [...mark, ...columns(signs, [{ content: ` ${label}`, width: labelWidth + 2 }]), ...first.slice(1)],
    ...rest,
  ];
}

const labelWidth = 20;
