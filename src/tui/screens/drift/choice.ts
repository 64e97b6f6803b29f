import type { Signs } from '../../../lib/signs.ts';
import { ago } from '../../../lib/time.ts';
import type { DriftBase } from '../../../operations/questions.ts';
import { overlayFrame } from '../../present/frame.ts';
import { columns } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { windowTop } from '../../present/window.ts';
import type { Context } from '../../screen.ts';
import type { Choice, DriftState } from './state.ts';
import { draftName, migrationName } from './take.ts';
import { otherWords } from './words.ts';

/** One row of a list that lies over the page. */
export interface Option {
  readonly leads: Lead;
  readonly title: string;
  readonly note: string;
}

export type Lead =
  | { readonly to: 'other'; readonly than: DriftBase }
  /** Every environment with its own migrations. */
  | { readonly to: 'all' }
  | { readonly to: 'file' }
  | { readonly to: 'migration' };

export function optionsOf(state: DriftState, choice: Choice, context: Context): readonly Option[] {
  return choice.of === 'others' ? others(state, choice, context) : takes(state, context);
}

/** What it can be compared with. */
function others(
  { environment, than }: DriftState,
  { backups }: Extract<Choice, { of: 'others' }>,
  { environments, now }: Context,
): readonly Option[] {
  const other = (to: DriftBase, note: string): Option => {
    const title = otherWords(to);
    return {
      leads: { to: 'other', than: to },
      title,
      note: title === otherWords(than) ? 'on the screen now' : note,
    };
  };
  const names = [...environments.keys()].filter((name) => name !== environment);
  const all = { leads: { to: 'all' }, title: 'all environments' } as const;
  return [
    other({ kind: 'migrations' }, 'what its applied migrations give in an empty database'),
    ...names.map((name) => other({ kind: 'environment', name }, 'another environment')),
    ...(names.length > 0 ? [{ ...all, note: 'each with its own migrations, a line each' }] : []),
    ...(backups.kind === 'answered' ? backups.report : []).map(({ id, takenAt }) =>
      other({ kind: 'file', file: id }, `of ${environment}, taken ${ago(takenAt, new Date(now))}`),
    ),
  ];
}

/** What a draft can become. */
function takes(state: DriftState, { opening }: Context): readonly Option[] {
  const folder = opening?.databases.find(({ name }) => name === state.database) ?? opening?.databases[0];
  return [
    { leads: { to: 'file' }, title: 'a file', note: `.migrate-tui/exports/${draftName(state)}` },
    {
      leads: { to: 'migration' },
      title: 'a new migration',
      note: `${migrationName(state)} in ${folder?.directory ?? 'its folder'}, for every environment`,
    },
  ];
}

/** The list over the page. */
export function choiceLines(
  signs: Signs,
  state: DriftState,
  choice: Choice,
  context: Context,
): readonly Line[] {
  const { columns: width, rows } = context;
  const options = optionsOf(state, choice, context);
  const note = noteOf(state, choice);
  const height = Math.max(1, Math.min(options.length, rows - 2 - note.length));
  const top = windowTop({ top: 0, cursor: choice.cursor, height, length: options.length });
  const { environment, than } = state;
  return overlayFrame(signs, {
    title:
      choice.of === 'others'
        ? `compare ${environment} with`
        : `SQL that brings ${environment} to ${otherWords(than)}, as`,
    lines: [
      ...options
        .slice(top, top + height)
        .map((option, index) =>
          optionLine(signs, option, { index: top + index, cursor: choice.cursor, width: width - 3 }),
        ),
      ...note.map((text): Line => [say(`    ${text}`, 'dim')]),
    ],
    width,
    footer: choice.of === 'others' ? 'enter compare   esc close' : 'enter write   esc close',
  });
}

function optionLine(
  signs: Signs,
  { title, note }: Option,
  { index, cursor, width }: { readonly index: number; readonly cursor: number; readonly width: number },
): Line {
  const here = index === cursor;
  const name = Math.min(30, Math.floor(width / 2));
  return columns(signs, [
    { content: say(here ? signs.cursor : '', 'accent'), width: 2 },
    { content: say(index < 9 ? String(index + 1) : ' ', 'accent'), width: 2 },
    { content: say(title, here ? 'strong' : 'text'), width: name, cut: 'middle' },
    { content: say(` ${note}`, 'dim'), width: Math.max(1, width - name - 4) },
  ]);
}

function noteOf({ environment }: DriftState, choice: Choice): readonly string[] {
  if (choice.of === 'take')
    return [`Nothing is run from here. Read it first: it may drop what ${environment} has.`];
  const { backups } = choice;
  switch (backups.kind) {
    case 'asking':
      return ['its backups are being looked up'];
    case 'failed':
      return [`its backups could not be listed: ${backups.error.message}`];
    case 'answered':
      return backups.report.length === 0 ? ['it has no backup yet'] : [];
  }
}
