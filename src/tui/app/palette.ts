import { quantity } from '../../lib/numbers.ts';
import type { Signs } from '../../lib/signs.ts';
import type { Input } from '../keyboard/key.ts';
import { overlayFrame } from '../present/frame.ts';
import { columns } from '../present/layout.ts';
import { say, type Line } from '../present/line.ts';
import { windowTop } from '../present/window.ts';
import type { Context, Effect } from '../screen.ts';
import { bookkeepingOf, resetBlocked, writeBlocked } from './bookkeeping.ts';
import { fetchBlocked, fetchOf } from './fetching.ts';
import { askBlocked, deployBlocked, pendingIn, squashBlocked } from './jobs.ts';
import type { KeyOutcome } from './keys.ts';
import { contextOf, type AppState, type Overlay } from './state.ts';

type Palette = Extract<Overlay, { kind: 'palette' }>;

/** One thing that can be asked for by its name. */
export interface PaletteEntry {
  readonly title: string;
  readonly key: string;
  readonly note: string;
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
  return [
    ...names.flatMap((name) => deployEntry(context, name)),
    ...names.flatMap((name) => others(context, name)),
    squashEntry(context),
    ...general,
  ];
}

export function paletteLines(
  signs: Signs,
  { context, palette, width, height }: PaletteInput,
): readonly Line[] {
  const entries = matching(context, palette.text);
  const room = Math.max(1, Math.min(entries.length, height - 6));
  const cursor = Math.min(palette.cursor, entries.length - 1);
  const top = windowTop({ top: 0, cursor, height: room, length: entries.length });
  const rows = entries
    .slice(top, top + room)
    .map((entry, index) => entryLine(signs, entry, top + index === cursor ? 'cursor' : 'other', width - 3));
  const command = entries[cursor]?.command ?? '';
  const taught: readonly Line[] =
    command === '' ? [] : [[], [say('the same on the command line', 'dim')], [say(command)]];
  const none: Line = [say(`No command matches "${palette.text}".`, 'dim')];
  return overlayFrame(signs, {
    title: `: ${palette.text}${signs.caret}`,
    lines: entries.length === 0 ? [none] : [...rows, ...taught],
    width,
    footer: 'enter open   tab complete   esc close',
  });
}

export interface PaletteInput {
  readonly context: Context;
  readonly palette: Palette;
  readonly width: number;
  readonly height: number;
}

function entryLine(signs: Signs, entry: PaletteEntry, row: 'cursor' | 'other', width: number): Line {
  const dim = entry.blocked === undefined ? 'text' : 'dim';
  const note = entry.blocked === undefined ? entry.note : `not now: ${entry.blocked}`;
  return columns(signs, [
    { content: say(row === 'cursor' ? signs.cursor : '', 'accent'), width: 2 },
    { content: say(entry.title, dim), width: 25 },
    { content: say(entry.key, entry.blocked === undefined ? 'accent' : 'dim'), width: 4 },
    { content: say(note, 'dim'), width: Math.max(1, width - 31) },
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

/** Every word that was typed must begin a word of the title. */
function matching(context: Context, text: string): readonly PaletteEntry[] {
  const wanted = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return paletteEntries(context).filter(({ title }) => {
    const words = title.toLowerCase().split(/[\s-]+/);
    return wanted.every((want) => words.some((word) => word.startsWith(want)) || title.startsWith(want));
  });
}

function deployEntry(context: Context, name: string): readonly PaletteEntry[] {
  const environment = context.environments.get(name);
  const pending = pendingIn(environment);
  const confirm = environment?.protected ? ` --confirm ${name}` : '';
  return [
    {
      title: `deploy ${name}`,
      key: 'd',
      note:
        pending === undefined ? 'not known yet what is pending' : `${quantity(pending, 'migration')} pending`,
      blocked: deployBlocked(context, name),
      command: `migrate-tui deploy ${name} --yes${confirm}`,
      effect: { kind: 'open', request: { screen: 'review', environment: name, begin: 'look' } },
    },
  ];
}

function others(context: Context, name: string): readonly PaletteEntry[] {
  const blocked = askBlocked(context.environments.get(name));
  return [
    {
      title: `dry-run ${name}`,
      key: 't',
      note: 'reads it, writes a copy only',
      blocked: deployBlocked(context, name),
      command: `migrate-tui dry-run ${name}`,
      effect: { kind: 'open', request: { screen: 'review', environment: name, begin: 'dry-run' } },
    },
    {
      title: `recover ${name}`,
      key: 'w',
      note: 'what is unfinished, and the ways out',
      blocked,
      command: `migrate-tui recover ${name}`,
      effect: { kind: 'open', request: { screen: 'recovery', environment: name } },
    },
    {
      title: `verify ${name}`,
      key: 'v',
      note: 'schema, rows, foreign keys, integrity',
      blocked,
      command: `migrate-tui verify ${name}`,
      effect: { kind: 'open', request: { screen: 'verify', environment: name } },
    },
    {
      title: `drift ${name}`,
      key: 'c',
      note: 'compares it with its migrations',
      blocked,
      command: `migrate-tui drift ${name}`,
      effect: { kind: 'open', request: { screen: 'drift', environment: name } },
    },
    {
      title: `backups ${name}`,
      key: 'b',
      note: 'and how to restore one',
      blocked: undefined,
      command: `migrate-tui backups ${name}`,
      effect: { kind: 'open', request: { screen: 'backups', environment: name } },
    },
    ...changes(context, name),
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

/** What is reviewed on a page of its own, without a rehearsal. */
function changes(context: Context, name: string): readonly PaletteEntry[] {
  const baseline = bookkeepingOf({ environment: name, item: undefined }, context);
  return [
    {
      title: `baseline ${name}`,
      key: 'm',
      note: 'record the place of the history that its schema is',
      blocked: writeBlocked(name, context),
      command: ['migrate-tui', ...baseline.words].join(' '),
      effect: { kind: 'open', request: baseline },
    },
    {
      title: `resync ${name}`,
      key: 'f',
      note: 'replace it with what another environment has',
      blocked: fetchBlocked(name, context),
      command: `migrate-tui resync ${name} --from ENV`,
      effect: { kind: 'open', request: fetchOf(name, context) },
    },
    {
      title: `reset ${name}`,
      key: '',
      note: 'empty it and build it anew from its migrations',
      blocked: resetBlocked(name, context),
      command: `migrate-tui reset ${name}`,
      effect: {
        kind: 'open',
        request: { screen: 'change', environment: name, words: ['reset', name] },
      },
    },
  ];
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
