import type { Sign, Signs } from '../../../lib/signs.ts';
import type { RecoveryCase } from '../../../operations/reports.ts';
import { columns, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { wrapped } from '../../present/width.ts';
import type { Tone } from '../../theme.ts';

/** A row of the evidence, with the place of its sentence; the title belongs to none. */
export interface EvidenceRow {
  readonly line: Line;
  readonly index: number | undefined;
}

/** What the verdict rests on, each with its sign and the statement that it speaks of. */
export function evidenceRows(
  signs: Signs,
  found: RecoveryCase,
  { width, cursor }: { readonly width: number; readonly cursor: number | undefined },
): readonly EvidenceRow[] {
  const items = evidenceOf(found);
  if (items.length === 0) return [];
  const title = rule(signs, width, [{ at: 3, title: 'evidence' }]);
  const longest = Math.max(...items.map(({ at }) => at.length));
  const place = width >= 50 && longest > 0 ? longest + 2 : 0;
  return [
    { line: title, index: undefined },
    ...items.flatMap((item, index) =>
      itemRows(signs, item, { width, place, here: index === cursor }).map((line) => ({ line, index })),
    ),
  ];
}

/** What that means for those who use the database. */
export function meaningLines(signs: Signs, { meaning = [] }: RecoveryCase, width: number): readonly Line[] {
  if (meaning.length === 0) return [];
  return [
    rule(signs, width, [{ at: 3, title: 'what that means' }]),
    ...meaning.flatMap((sentence) => paragraph(sentence, { width })),
  ];
}

interface Item {
  readonly sign: Sign;
  readonly tone: Tone;
  readonly says: string;
  /** `statement 4`, `not statement 5`, or nothing. */
  readonly at: string;
}

/** What the headline says already of the run is left out. */
export function evidenceOf({ evidence, attempt }: RecoveryCase): readonly Item[] {
  const said = [
    ...(attempt ? [`Run ${attempt.run} (${attempt.operation}) of `] : []),
    ...(attempt?.error === undefined ? [] : ['Its error: ']),
  ];
  return evidence.filter((sentence) => !said.some((start) => sentence.startsWith(start))).map(itemOf);
}

function itemOf(sentence: string): Item {
  const traced = /^(Seen|Not seen) of (statement \d+): (.*)$/.exec(sentence);
  if (traced) {
    const [, what, at = '', part = ''] = traced;
    const says = `${part.charAt(0).toUpperCase()}${part.slice(1)}`;
    return what === 'Seen'
      ? { sign: 'done', tone: 'ok', says, at }
      : { sign: 'pending', tone: 'text', says, at: `not ${at}` };
  }
  return doubtful.test(sentence)
    ? { sign: 'finding', tone: 'warn', says: sentence, at: '' }
    : { sign: 'nothing', tone: 'text', says: sentence, at: '' };
}

const doubtful = /contradict|was edited|does not run|leaves? no trace|may have run/;

function itemRows(
  signs: Signs,
  { sign, tone, says, at }: Item,
  view: { readonly width: number; readonly place: number; readonly here: boolean },
): readonly Line[] {
  const { width, here } = view;
  const place = at === '' ? 0 : view.place;
  const text = place === 0 && at !== '' ? `${at}: ${says}` : says;
  const room = width - 5 - place;
  const [first = '', ...rest] = wrapped(text, room);
  return [
    columns(signs, [
      { content: say(here ? signs.cursor : '', 'accent'), width: 2 },
      { content: say(signs[sign], tone), width: 2 },
      { content: first, width: Math.max(1, room + 1) },
      { content: say(at, 'dim'), width: place },
    ]),
    ...rest.map((row): Line => [say('    '), say(row)]),
  ];
}
