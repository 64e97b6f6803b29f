import { commandLine, placed } from '../../lib/command-line.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Signs } from '../../lib/signs.ts';
import type { Input } from '../keyboard/key.ts';
import { overlayFrame } from '../present/frame.ts';
import { columns } from '../present/layout.ts';
import { say, type Line } from '../present/line.ts';
import { widthOf, wrapped } from '../present/width.ts';
import { windowTop } from '../present/window.ts';
import type { Context, Effect } from '../screen.ts';
import { resetBlocked } from './bookkeeping.ts';
import { jobs, type JobName } from './job-keys.ts';
import { askBlocked, pendingIn, squashBlocked } from './jobs.ts';
import type { KeyOutcome } from './keys.ts';
import { contextOf, type AppState, type Overlay } from './state.ts';

type Palette = Extract<Overlay, { kind: 'palette' }>;

/** One thing that can be asked for by its name. */
export interface PaletteEntry {
  readonly title: string;
  readonly key: string;
  readonly note: string;
  /** What else it is called: the words of its key. */
  readonly also?: string;
  readonly blocked: string | undefined;
  /** The same on the command line; empty where there is none. */
  readonly command: string;
  readonly effect: Effect;
}

/** A key or a paste while the palette is open. It opens; it never starts a change. */
export function paletteInput(state: AppState, palette: Palette, input: Input): KeyOutcome {
  const to = (overlay: Overlay): KeyOutcome => ({ state: { ...state, overlay }, leads: [] });
  if (input.kind === 'paste') return to({ ...palette, text: palette.text + oneLine(input.text), cursor: 0 });
  const entries = matching(contextOf(state), palette.text);
  const { name, text } = input.key;
  switch (name) {
    case 'esc':
      return to({ kind: 'none' });
    case 'enter':
      return chosen(state, palette, entries);
    case 'up':
      return to({ ...palette, cursor: Math.max(0, palette.cursor - 1) });
    case 'down':
      return to({ ...palette, cursor: Math.min(entries.length - 1, palette.cursor + 1) });
    case 'tab': {
      const entry = entries[palette.cursor];
      return to(entry ? { ...palette, text: entry.title, cursor: 0 } : palette);
    }
    case 'backspace':
      return to(
        palette.text === '' ? { kind: 'none' } : { ...palette, text: palette.text.slice(0, -1), cursor: 0 },
      );
    default:
      return to(text === '' ? palette : { ...palette, text: palette.text + text, cursor: 0 });
  }
}

/** All of the palette: each environment's jobs, then what belongs to none. */
export function paletteEntries(context: Context): readonly PaletteEntry[] {
  const names = [...context.environments.keys()].toReversed();
  const entries = [
    ...names.map((name) => deployEntry(context, name)),
    ...names.flatMap((name) => others(context, name)),
    squashEntry(context),
    ...general,
  ];
  return entries.map((entry) => ({ ...entry, command: placed(entry.command, context.place) }));
}

export function paletteLines(
  signs: Signs,
  { context, palette, width, height }: PaletteInput,
): readonly Line[] {
  const entries = matching(context, palette.text);
  const cursor = Math.min(palette.cursor, entries.length - 1);
  const taught = taughtLines(entries[cursor]?.command ?? '', width - 3);
  // The frame, and the row that it keeps free below.
  const room = Math.max(1, Math.min(entries.length, height - 3 - taught.length));
  const top = windowTop({ top: 0, cursor, height: room, length: entries.length });
  const longest = Math.max(0, ...entries.map(({ title }) => widthOf(title)));
  // Names of environments may be long, and their ends tell them apart.
  const title = Math.max(25, Math.min(longest + 1, Math.floor(width / 2)));
  const rows = entries
    .slice(top, top + room)
    .map((entry, index) =>
      entryLine(signs, entry, { row: top + index === cursor ? 'cursor' : 'other', width: width - 3, title }),
    );
  const more = entries.length > room ? `   ${top + 1} to ${top + room} of ${entries.length}` : '';
  const none: Line = [say(`No command matches "${palette.text}".`, 'dim')];
  return overlayFrame(signs, {
    title: `: ${palette.text}${signs.caret}`,
    lines: entries.length === 0 ? [none] : [...rows, ...taught],
    width,
    footer: `enter open   tab complete   esc close${more}`,
  });
}

function taughtLines(command: string, width: number): readonly Line[] {
  if (command === '') return [];
  const rows = wrapped(command, width).map((row): Line => [say(row)]);
  return [[], [say('the same on the command line', 'dim')], ...rows];
}

export interface PaletteInput {
  readonly context: Context;
  readonly palette: Palette;
  readonly width: number;
  readonly height: number;
}

function entryLine(
  signs: Signs,
  entry: PaletteEntry,
  { row, width, title }: { readonly row: 'cursor' | 'other'; readonly width: number; readonly title: number },
): Line {
  const dim = entry.blocked === undefined ? 'text' : 'dim';
  const note = entry.blocked === undefined ? entry.note : `not now: ${entry.blocked}`;
  return columns(signs, [
    { content: say(row === 'cursor' ? signs.cursor : '', 'accent'), width: 2 },
    { content: say(entry.title, dim), width: title - 1, cut: 'middle' },
    { content: '', width: 1 },
    { content: say(entry.key, entry.blocked === undefined ? 'accent' : 'dim'), width: 4 },
    { content: say(note, 'dim'), width: Math.max(1, width - title - 6) },
  ]);
}

function chosen(state: AppState, palette: Palette, entries: readonly PaletteEntry[]): KeyOutcome {
  const entry = entries[palette.cursor];
  const owner = state.stack.at(-1)?.key;
  if (entry === undefined || owner === undefined) return { state, leads: [] };
  if (entry.blocked !== undefined) {
    const effect = { kind: 'say', level: 'info', text: `${entry.title}: ${entry.blocked}` } as const;
    return { state, leads: [{ kind: 'effect', owner, effect }] };
  }
  const closed: AppState = { ...state, overlay: { kind: 'none' } };
  return { state: closed, leads: [{ kind: 'effect', owner, effect: entry.effect }] };
}

/** Every word that was typed must begin a word of what it is called. */
function matching(context: Context, text: string): readonly PaletteEntry[] {
  const wanted = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return paletteEntries(context).filter(({ title, also = '' }) => {
    const words = `${title} ${also}`.toLowerCase().split(/[\s-]+/);
    return wanted.every((want) => words.some((word) => word.startsWith(want)) || title.startsWith(want));
  });
}

function deployEntry(context: Context, name: string): PaletteEntry {
  const environment = context.environments.get(name);
  const pending = pendingIn(environment);
  const confirm = environment?.protected ? ` --confirm ${name}` : '';
  return {
    ...jobEntry(context, name, 'deploy'),
    note:
      pending === undefined ? 'not known yet what is pending' : `${quantity(pending, 'migration')} pending`,
    command: `migrate-tui deploy ${name} --yes${confirm}`,
  };
}

function others(context: Context, name: string): readonly PaletteEntry[] {
  const job = (of: JobName, note: string): PaletteEntry => ({ ...jobEntry(context, name, of), note });
  return [
    job('dry-run', 'reads it, writes a copy only'),
    {
      ...job('ways', 'what is unfinished, and the ways out'),
      // Asked for by its name it is also looked for where its status shows none.
      blocked: askBlocked(context.environments.get(name)),
    },
    job('verify', 'schema, rows, foreign keys, integrity'),
    job('compare', 'compares it with its migrations'),
    job('backups', 'and how to restore one'),
    job('rollback', 'takes the newest migration back'),
    job('bookkeeping', 'record the place of the history that its schema is'),
    job('fetch', 'replace it with what another environment has'),
    resetEntry(context, name),
    {
      title: `status ${name}`,
      key: 'r',
      note: 'asks it again',
      blocked: undefined,
      command: `migrate-tui status ${name}`,
      effect: { kind: 'refresh', environments: [name] },
    },
  ];
}

/** It is found by what it is called on the command line. */
function jobEntry(context: Context, environment: string, name: JobName): Omit<PaletteEntry, 'note'> {
  const { key, label, blocked, words, opens } = jobs[name];
  const line = words(environment, context);
  return {
    title: `${line[0] ?? name} ${environment}`,
    also: label,
    key,
    blocked: blocked(environment, context),
    command: commandLine(line),
    effect: { kind: 'open', request: opens(environment, context) },
  };
}

/** It has no key: what it empties is gone. */
function resetEntry(context: Context, name: string): PaletteEntry {
  return {
    title: `reset ${name}`,
    key: '',
    note: 'empty it and build it anew from its migrations',
    blocked: resetBlocked(name, context),
    command: `migrate-tui reset ${name}`,
    effect: { kind: 'open', request: { screen: 'change', environment: name, words: ['reset', name] } },
  };
}

function squashEntry(context: Context): PaletteEntry {
  const { database } = context;
  return {
    title: 'squash',
    key: 's',
    note: 'one file of the history, proven',
    blocked: squashBlocked(context),
    command: 'migrate-tui squash',
    effect: { kind: 'open', request: { screen: 'squash', database, to: undefined } },
  };
}

const general: readonly PaletteEntry[] = [
  {
    title: 'drift of all',
    key: '',
    note: 'compares every environment with its own migrations',
    blocked: undefined,
    command: 'migrate-tui drift --all',
    effect: { kind: 'open', request: { screen: 'drift-all' } },
  },
  {
    title: 'doctor',
    key: 'i',
    note: 'the project, its folders, its targets, this machine',
    blocked: undefined,
    command: 'migrate-tui doctor',
    effect: { kind: 'open', request: { screen: 'doctor' } },
  },
  {
    title: 'runs',
    key: 'H',
    note: 'what was done, by whom',
    blocked: undefined,
    command: 'migrate-tui runs',
    effect: { kind: 'open', request: { screen: 'runs', environment: undefined } },
  },
  {
    title: 'environments',
    key: 'esc',
    note: 'side by side',
    blocked: undefined,
    command: 'migrate-tui status',
    effect: { kind: 'home' },
  },
];

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
