import { commandLine } from '../../../lib/command-line.ts';
import { bytes, quantity } from '../../../lib/numbers.ts';
import { ago, moment } from '../../../lib/time.ts';
import type { BackupsReport, BackupSummary, UnreadableBackup } from '../../../operations/reports.ts';
import { columns, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import type { RequestOf } from '../../screen.ts';
import type { Rows, RowsView } from '../answer-page.tsx';
import { restoreCommands } from './restore.ts';

type Request = RequestOf<'backups'>;

/** Every backup, then the sets that cannot be read; below them what is known of the one under the cursor. */
export function backupRows({ backups, unreadable = [] }: BackupsReport, view: RowsView<Request>): Rows {
  const { request, signs, context, at } = view;
  const { now, columns: width, place } = context;
  const asked = request.environment === undefined ? ['ENV'] : [request.environment];
  const of = request.environment === undefined ? '' : ` of ${request.environment}`;
  const none =
    backups.length > 0
      ? []
      : paragraph(
          `No backup${of} yet. A deploy takes one first; so does ${commandLine(['backup', ...asked], place)}.`,
          { width },
        );
  const lines = [
    ...backups.map((backup, index) => backupLine(backup, { signs, width, now, here: index === at })),
    ...unreadable.map((set, index) =>
      unreadableLine(set, { signs, width, here: backups.length + index === at }),
    ),
  ];
  const chosen = backups[at];
  const lost = unreadable[at - backups.length];
  return {
    lines: [...none, ...lines],
    items: lines.length,
    cursor: none.length + at,
    about: chosen ? chosenLines(chosen, { context, signs }) : lost ? lostLines(lost, { width, signs }) : [],
  };
}

interface RowLook {
  readonly signs: RowsView<Request>['signs'];
  readonly width: number;
  /** Whether the cursor is on it. */
  readonly here: boolean;
}

function backupLine(
  backup: BackupSummary,
  { signs, width, now, here }: RowLook & { readonly now: number },
): Line {
  const { sign, word, tone } = proofs[backup.proof];
  const tables = backup.databases.reduce((sum, one) => sum + one.tables, 0);
  const since = ago(backup.takenAt, new Date(now));
  const all = backup.databases.reduce((sum, one) => sum + one.rows, 0);
  return columns(signs, [
    ...idCells(backup.id, { signs, here }),
    { content: backup.environment, width: 14, cut: 'middle' },
    { content: [say(signs[sign], tone), say(` ${word}`)], width: 14 },
    { content: sizeWords(backup), width: 10, align: 'right' },
    { content: '', width: 2 },
    {
      // Where it is narrow how long ago it was says more than the moment, which stands below.
      content: say(width < 78 ? since : `${since}, ${moment(backup.takenAt)}`),
      width: Math.max(0, Math.min(30, width - 50)),
    },
    {
      content: say(width >= 100 ? `${quantity(tables, 'table')}, ${quantity(all, 'row')}` : '', 'dim'),
      width: Math.max(0, width - 82),
    },
  ]);
}

/** Of which environment it is, and from when, stood in what cannot be read. */
function unreadableLine({ id }: UnreadableBackup, { signs, here, width }: RowLook): Line {
  return columns(signs, [
    ...idCells(id, { signs, here }),
    { content: say(signs.nothing, 'dim'), width: 14 },
    { content: [say(signs.failed, 'danger'), say(' unreadable')], width: Math.max(14, width - 26) },
  ]);
}

function idCells(
  id: string,
  { signs, here }: Pick<RowLook, 'signs' | 'here'>,
): Parameters<typeof columns>[1] {
  return [
    { content: say(here ? signs.cursor : '', 'accent'), width: 2 },
    { content: say(id, here ? 'accent' : 'text'), width: 8 },
  ];
}

/** What a server keeps takes no room here, but its archive does. */
function sizeWords({ proof, size }: BackupSummary): string {
  return proof === 'kept-by-server' && size === 0 ? '-' : bytes(size);
}

const proofs = {
  proven: { sign: 'done', word: 'proven', tone: 'ok' },
  'read-back': { sign: 'done', word: 'read back', tone: 'ok' },
  'kept-by-server': { sign: 'done', word: 'at server', tone: 'ok' },
  damaged: { sign: 'failed', word: 'damaged', tone: 'danger' },
} as const;

function chosenLines(
  backup: BackupSummary | undefined,
  { context, signs }: Pick<RowsView<Request>, 'context' | 'signs'>,
): readonly Line[] {
  const { columns: width } = context;
  if (backup === undefined) return [];
  return [
    rule(signs, width, [{ at: 3, title: backup.id }]),
    ...backup.databases.flatMap(databaseWords).flatMap((text) => paragraph(text, { width })),
    ...encryptedWords(backup).flatMap((text) =>
      paragraph(text, { width, tone: backup.encrypted?.is === 'here' ? 'text' : 'warn' }),
    ),
    ...(backup.partial === undefined
      ? []
      : paragraph(`partial: only ${backup.partial.join(', ')}`, { width, tone: 'warn' })),
    ...(backup.proof === 'damaged'
      ? paragraph(`${backup.id} cannot be restored: it is not what was written when it was taken.`, {
          width,
          tone: 'danger',
        })
      : [
          ...restoreLines(restoreCommands(backup, context), width),
          ...paragraph(restoringWords(backup), { width, tone: 'dim' }),
        ]),
    ...paragraph(`${keptWords(backup)}; in ${backup.path}`, { width, tone: 'dim' }),
    ...backup.databases
      .flatMap(({ database, position, archive }) => [
        ...(position === undefined ? [] : [`${database} at ${position}`]),
        ...(archive === undefined ? [] : [`${database} archived in ${archive.sql}`]),
      ])
      .flatMap((text) => paragraph(text, { width, tone: 'dim' })),
  ];
}

/** A command for each database, under each other. */
function restoreLines(commands: readonly string[], width: number): readonly Line[] {
  const label = '  to restore   ';
  return commands
    .flatMap((command) => paragraph(command, { width, indent: label.length }))
    .map((line, row) => (row === 0 ? [say(label), ...line.slice(1)] : line));
}

function databaseWords(of: BackupSummary['databases'][number]): readonly string[] {
  const { database, tags, tables, rows: all, position, retention } = of;
  const at = tags.at(-1);
  const reached = at === undefined ? 'before the first migration' : `at ${at}`;
  const seen = `${database}: ${quantity(tables, 'table')}, ${quantity(all, 'row')}, ${reached}`;
  if (position === undefined) return [seen];
  return [`${seen}; kept by the server${retention === undefined ? '' : ` for ${retention}`}`];
}

function encryptedWords({ encrypted }: BackupSummary): readonly string[] {
  if (encrypted === undefined) return [];
  const { key, is } = encrypted;
  return is === 'here'
    ? [`encrypted with the key ${key}`]
    : [`encrypted with the key ${key}, which is not here: it cannot be restored until backups.key names it`];
}

function keptWords({ proof, keptUntil }: BackupSummary): string {
  const kept = proof === 'kept-by-server' ? 'listed here' : 'kept';
  return keptUntil === undefined ? `${kept} until it is removed` : `${kept} until ${moment(keptUntil)}`;
}

function restoringWords({ proof }: BackupSummary): string {
  return proof === 'kept-by-server'
    ? 'Restoring takes the whole database back to that moment and loses what was written since. The present position is noted first, and leads back again.'
    : 'Restoring loses what was written since. It takes a backup first.';
}

function lostLines(
  { id, says, next }: UnreadableBackup,
  { width, signs }: { readonly width: number; readonly signs: RowsView<Request>['signs'] },
): readonly Line[] {
  return [
    rule(signs, width, [{ at: 3, title: id }]),
    ...paragraph(/[.!?]$/.test(says) ? says : `${says}.`, { width }),
    ...(next === undefined ? [] : paragraph(next, { width })),
  ];
}
