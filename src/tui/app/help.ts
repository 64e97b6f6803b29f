import type { Signs } from '../../lib/signs.ts';
import type { Input } from '../keyboard/key.ts';
import { overlayFrame } from '../present/frame.ts';
import { columns } from '../present/layout.ts';
import { say, type Line } from '../present/line.ts';
import { wrapped } from '../present/width.ts';
import { filterInput, filterText, isFiltering } from '../screens/filter.ts';
import type { KeyOutcome } from './keys.ts';
import type { KeyRow } from './mounted.ts';
import type { AppState, Overlay } from './state.ts';

type Help = Extract<Overlay, { kind: 'help' }>;

/** A key or paste while help is open. */
export function helpInput(state: AppState, help: Help, input: Input): KeyOutcome {
  const to = (overlay: Overlay): KeyOutcome => ({ state: { ...state, overlay }, leads: [] });
  const filter = filterInput(help.filter, input);
  if (filter) return to({ ...help, filter, top: filter.text === help.filter.text ? help.top : 0 });
  if (input.kind === 'paste') return to(help);
  switch (input.key.name) {
    case 'esc':
    case '?':
    case 'q':
      return to({ kind: 'none' });
    case 'j':
    case 'down':
      return to({ ...help, top: help.top + 1 });
    case 'k':
    case 'up':
      return to({ ...help, top: Math.max(0, help.top - 1) });
    case 'g':
    case 'home':
      return to({ ...help, top: 0 });
    case 'ctrl-d':
    case 'pagedown':
      return to({ ...help, top: help.top + 10 });
    case 'ctrl-u':
    case 'pageup':
      return to({ ...help, top: Math.max(0, help.top - 10) });
    default:
      return to(help);
  }
}

/** Every key of the view on top, what it does, and why it does not now. */
export function helpLines(signs: Signs, { name, rows, help, width, height }: HelpInput): readonly Line[] {
  const inside = width - 4;
  const wanted = help.filter.text.toLowerCase();
  const fits = (row: KeyRow): boolean =>
    wanted === '' || [...row.keys, row.label, row.help].some((text) => text.toLowerCase().includes(wanted));
  const kept = rows.filter(fits);
  const lines = [
    ...groups.flatMap(([group, title]) =>
      groupLines(
        signs,
        title,
        kept.filter((row) => row.group === group),
        inside,
      ),
    ),
    ...blockedLines(signs, kept, inside),
  ];
  const room = Math.max(1, height - 2);
  const top = Math.min(help.top, Math.max(0, lines.length - room));
  const shown = lines.length === 0 ? [[say(`No key matches "${help.filter.text}".`, 'dim')]] : lines;
  const find = isFiltering(help.filter) ? `/ ${filterText(help.filter, signs)}` : '/ find a key';
  const more =
    lines.length > room
      ? `   j k ${top + 1} to ${Math.min(lines.length, top + room)} of ${lines.length}`
      : '';
  return overlayFrame(signs, {
    title: `keys of ${name}`,
    lines: shown.slice(top, top + room),
    width,
    footer: `esc close   ${find}${more}`,
  });
}

export interface HelpInput {
  readonly name: string;
  readonly rows: readonly KeyRow[];
  readonly help: Help;
  readonly width: number;
  readonly height: number;
}

const groups = [
  ['move', 'move'],
  ['open', 'open'],
  ['jobs', 'jobs'],
  ['view', 'view'],
  ['take', 'take'],
  ['always', 'always'],
] as const;

function groupLines(signs: Signs, title: string, rows: readonly KeyRow[], width: number): readonly Line[] {
  return rows
    .filter(({ blocked }) => blocked === undefined)
    .flatMap((row, index) =>
      keyLines(signs, { title: index === 0 ? title : '', row, says: row.help, tone: 'text' }, width),
    );
}

function blockedLines(signs: Signs, rows: readonly KeyRow[], width: number): readonly Line[] {
  return rows
    .filter(({ blocked }) => blocked !== undefined)
    .flatMap((row, index) => {
      const says = `${row.label}: ${row.blocked ?? ''}`;
      return keyLines(signs, { title: index === 0 ? 'not now' : '', row, says, tone: 'dim' }, width);
    });
}

/** A key with what it does, and below that the command line that does the same. */
function keyLines(
  signs: Signs,
  { title, row, says, tone }: { title: string; row: KeyRow; says: string; tone: 'text' | 'dim' },
  width: number,
): readonly Line[] {
  const room = Math.max(1, width - 27);
  const command = tone === 'text' ? row.command : undefined;
  const rows = [
    ...wrapped(says, room).map((text) => say(text, tone)),
    ...(command === undefined ? [] : wrapped(command, room).map((text) => say(text, 'dim'))),
  ];
  return rows.map((content, index) =>
    columns(signs, [
      { content: index === 0 ? title : '', width: 9 },
      {
        content: say(index === 0 ? keysShown(row.keys) : '', tone === 'text' ? 'accent' : 'dim'),
        width: 18,
      },
      { content, width: room },
    ]),
  );
}

/** `1 2 3 … 9` is `1-9`. */
export function keysShown(keys: readonly string[]): string {
  const [first = ''] = keys;
  const digits = keys.length > 2 && keys.every((key) => /^[0-9]$/.test(key));
  return digits ? `${first}-${keys.at(-1) ?? ''}` : keys.join(' ');
}
