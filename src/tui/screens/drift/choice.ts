import type { Signs } from '../../../lib/signs.ts';
import { ago } from '../../../lib/time.ts';
import type { DriftBase } from '../../../operations/questions.ts';
import { overlayFrame } from '../../present/frame.ts';
import { columns } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { windowTop } from '../../present/window.ts';
import type { Context } from '../../screen.ts';
import { otherWords } from './words.ts';
import type { Choice, DriftState } from './state.ts';

/** What an environment can be compared with; `all`: every environment with its own migrations. */
export interface Other {
  readonly to: DriftBase | 'all';
  readonly note: string;
}

export function othersOf(
  { environment, choice }: Pick<DriftState, 'environment' | 'choice'>,
  { environments, now }: Context,
): readonly Other[] {
  const names = [...environments.keys()].filter((name) => name !== environment);
  const backups = choice?.backups.kind === 'answered' ? choice.backups.report : [];
  return [
    { to: { kind: 'migrations' }, note: 'what its applied migrations give in an empty database' },
    ...names.map((name): Other => ({ to: { kind: 'environment', name }, note: 'another environment' })),
    ...(names.length > 0
      ? [{ to: 'all', note: 'every environment with its own migrations, a line each' } as const]
      : []),
    ...backups.map(({ id, takenAt }): Other => ({
      to: { kind: 'file', file: id },
      note: `of ${environment}, taken ${ago(takenAt, new Date(now))}`,
    })),
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
  const others = othersOf(state, context);
  const note = backupNote(choice);
  const height = Math.max(1, Math.min(others.length, rows - 2 - note.length));
  const top = windowTop({ top: 0, cursor: choice.cursor, height, length: others.length });
  return overlayFrame(signs, {
    title: `compare ${state.environment} with`,
    lines: [
      ...others
        .slice(top, top + height)
        .map((other, index) => otherLine(signs, other, top + index, { choice, state, width: width - 3 })),
      ...note.map((text): Line => [say(`    ${text}`, 'dim')]),
    ],
    width,
    footer: 'enter compare   esc close',
  });
}

function otherLine(
  signs: Signs,
  { to, note }: Other,
  index: number,
  { choice, state, width }: { readonly choice: Choice; readonly state: DriftState; readonly width: number },
): Line {
  const number = index < 9 ? String(index + 1) : ' ';
  const title = to === 'all' ? 'all environments' : otherWords(to);
  const now = to !== 'all' && otherWords(to) === otherWords(state.than);
  const name = Math.min(30, Math.floor(width / 2));
  return columns(signs, [
    { content: say(index === choice.cursor ? signs.cursor : '', 'accent'), width: 2 },
    { content: say(number, 'accent'), width: 2 },
    { content: say(title, index === choice.cursor ? 'strong' : 'text'), width: name, cut: 'middle' },
    { content: say(now ? ` on the screen now` : ` ${note}`, 'dim'), width: Math.max(1, width - name - 4) },
  ]);
}

function backupNote({ backups }: Choice): readonly string[] {
  switch (backups.kind) {
    case 'asking':
      return ['its backups are being looked up'];
    case 'failed':
      return [`its backups could not be listed: ${backups.error.message}`];
    case 'answered':
      return backups.report.length === 0 ? ['it has no backup yet'] : [];
  }
}
