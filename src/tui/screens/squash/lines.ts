import { quantity } from '../../../lib/numbers.ts';
import type { Sign, Signs } from '../../../lib/signs.ts';
import type { SquashReport } from '../../../operations/squash-report.ts';
import { columns, headline, paragraph, rule } from '../../present/layout.ts';
import { say, toned, type Line } from '../../present/line.ts';
import { page } from '../../present/page.ts';
import { widthOf } from '../../present/width.ts';
import type { Context } from '../../screen.ts';
import type { Tone } from '../../theme.ts';
import { air, askingLines } from '../page.ts';
import { fieldLines } from './field.ts';
import { rowsOf, type SquashState } from './state.ts';
import { needsOf, placeMark, proofMark, proofName, type Mark } from './words.ts';

/** Exactly the rows of the body: the proofs one by one, then a row for each environment. */
export function squashLines(signs: Signs, state: SquashState, context: Context): readonly Line[] {
  const { columns: width, rows } = context;
  const { known, reading } = state;
  const head = [...air(context), ...headLines(signs, state, context)];
  if (!known) return page([...head, ...waitingRows(signs, state, context)], { rows, top: 0 });
  const story = storyOf(signs, state, known.report, width);
  const lines = reading.kind === 'asking' ? story.lines.map((line) => toned(line, 'dim')) : story.lines;
  return page([...head, ...lines], {
    rows,
    top: 0,
    cursor: story.cursor === undefined ? undefined : head.length + story.cursor,
    pinned: fieldLines(signs, state, width),
  });
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
    reading.kind === 'asking' ? askingLines(signs, reading, { what: doing(state, context), context }) : [];
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
function waitingRows(signs: Signs, { reading }: SquashState, context: Context): readonly Line[] {
  if (reading.kind !== 'asking' || context.now - reading.since < 150) return [];
  const names = [...context.environments.keys()];
  return [
    rule(signs, context.columns, [{ at: 3, title: 'environments' }]),
    ...names.map((name): Line => [say(`  ${signs.nothing} asking ${name}`, 'dim')]),
  ];
}

interface Sentence {
  readonly sign: Sign;
  readonly tone: Tone;
  readonly text: string;
}

function sentenceOf({ state, baseline, migrations, folder, archive, undo }: SquashReport): Sentence {
  const [first, last] = [migrations[0]?.tag ?? '', migrations.at(-1)?.tag ?? ''];
  const files = quantity(migrations.length, 'file');
  const squash = `Squash ${first} to ${last} into one file: ${files} become 1.`;
  const back = `Put ${first} to ${last} back in the place of the one file.`;
  switch (state) {
    case 'possible':
      return { sign: 'pending', tone: 'text', text: `${baseline ? squash : back} Nothing is written yet.` };
    case 'refused':
      return {
        sign: 'failed',
        tone: 'danger',
        text: `${baseline ? squash : back} Refused, and nothing was written.`,
      };
    case 'written':
      return {
        sign: 'done',
        tone: 'ok',
        text: `${baseline?.file ?? ''} stands for ${files}, ${first} to ${last}. The originals are in ${archive}: commit both folders together.`,
      };
    case 'undone':
      return {
        sign: 'done',
        tone: 'ok',
        text: `${first} to ${last} are in ${folder} again: ${files}. Commit the folder.`,
      };
    case 'nothing':
      return { sign: 'nothing', tone: 'dim', text: nothingText(migrations.length, undo) };
  }
}

function nothingText(count: number, undo: SquashReport['undo']): string {
  const standing = undo ? ` It stands for ${quantity(undo.migrations, 'file')}: u puts them back.` : '';
  if (count === 0) return 'No migration, or none that was squashed: nothing to do.';
  return `${count === 1 ? 'One migration' : quantity(count, 'migration')}: nothing to squash.${standing}`;
}

interface Story {
  readonly lines: readonly Line[];
  /** The row that must be in sight. */
  readonly cursor: number | undefined;
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
    ...proof.flatMap(({ check, state, says }) =>
      labelled(signs, proofMark[state], { label: proofName[check], text: says, width }),
    ),
    ...(custom === ''
      ? []
      : labelled(signs, { sign: 'done', tone: 'ok' }, { label: 'custom parts kept', text: custom, width })),
  ];
}

/** A sign, what it is of, and a sentence beside it, or below it where there is no room. */
function labelled(
  signs: Signs,
  { sign, tone }: Mark,
  { label, text, width }: { readonly label: string; readonly text: string; readonly width: number },
): readonly Line[] {
  const beside = width >= 80;
  const indent = beside ? labelWidth + 5 : 6;
  const lines = paragraph(text, { width, indent, tone: tone === 'dim' ? 'dim' : 'text' });
  const head: Line = [
    say('  '),
    say(signs[sign], tone),
    ...columns(signs, [{ content: ` ${label}`, width: labelWidth + 2 }]),
  ];
  const [first = [], ...rest] = lines;
  return beside ? [[...head, ...first.slice(1)], ...rest] : [head, ...lines];
}

const labelWidth = 20;

function placeLines(signs: Signs, state: SquashState, { environments }: SquashReport, width: number): Story {
  if (environments.length === 0) return { lines: [], cursor: undefined };
  const name = Math.min(24, Math.max(12, ...environments.map(({ environment }) => widthOf(environment))) + 2);
  const known = environments.some(({ at }) => at !== undefined);
  const tag =
    !known || width < 80
      ? 0
      : Math.min(28, Math.max(4, ...environments.map(({ at = '-' }) => widthOf(at))) + 2);
  const indent = width < 60 ? 6 : 4 + name + tag;
  const lines: Line[] = [
    rule(signs, width, [
      { at: 3, title: 'environments' },
      ...(tag === 0 ? [] : [{ at: 4 + name, title: 'at' }]),
      { at: indent, title: 'needs' },
    ]),
  ];
  let cursor: number | undefined;
  for (const [index, place] of environments.entries()) {
    const here = state.at === index;
    if (here) cursor = lines.length;
    const { sign, tone } = placeMark[place.state];
    const head: Line = [
      say(here ? `${signs.cursor} ` : '  ', 'accent'),
      say(signs[sign], tone),
      ...columns(signs, [
        { content: ` ${place.environment}`, width: name + 1, cut: 'middle' },
        { content: place.at ?? '-', width: tag, cut: 'middle' },
      ]),
    ];
    const [first = [], ...rest] = paragraph(needsOf(place), { width, indent });
    if (width < 60) lines.push(head, first, ...rest);
    else lines.push([...head, ...first.slice(1)], ...rest);
  }
  return { lines, cursor };
}

function tableLines(signs: Signs, state: SquashState, { changing }: SquashReport, width: number): Story {
  if (changing.length === 0) return { lines: [], cursor: undefined };
  const before = rowsOf(state).length - changing.length;
  const lines: Line[] = [
    rule(signs, width, [{ at: 3, title: 'rows that differ each time the history runs' }]),
  ];
  let cursor: number | undefined;
  for (const [index, table] of changing.entries()) {
    const here = state.at === before + index;
    if (here) cursor = lines.length;
    const text = `${table}: the one file would fix the rows of now. space accepts that, with a reason`;
    const [first = [], ...rest] = paragraph(text, { width, indent: 4 });
    lines.push(
      [
        say(here ? `${signs.cursor} ` : '  ', 'accent'),
        say(signs.failed, 'danger'),
        say(' '),
        ...first.slice(1),
      ],
      ...rest,
    );
  }
  return { lines, cursor };
}
