import { commandPerDatabase } from '../../../lib/command-line.ts';
import { bytes, quantity } from '../../../lib/numbers.ts';
import { ago, moment } from '../../../lib/time.ts';
import type { BackupSummary } from '../../../operations/reports.ts';
import { columns, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { answerPage, type PageState, type Rows, type RowsView } from '../answer-page.tsx';
import type { RequestOf } from '../../screen.ts';

type Request = RequestOf<'backups'>;

/** The backups that are there, how sure they are, and the command that restores one. */
export const backups = answerPage<'backups', readonly BackupSummary[]>({
  name: 'backups',
  args: ({ environment }) => ['backups', ...(environment === undefined ? [] : [environment])],
  what: () => 'reading the backups',
  accept: (report) => (report.kind === 'backups' ? report.backups : undefined),
  header: ({ environment }, answer) => ({
    path: [...(environment === undefined ? [] : [environment]), 'backups'],
    right: answer === undefined ? [] : [{ text: quantity(answer.length, 'backup'), tone: 'dim' }],
  }),
  rows,
  bindings: [
    {
      keys: ['enter'],
      action: 'open',
      label: 'review its restore',
      help: 'what restoring this backup would overwrite; it never acts',
      group: 'open',
      footer: (state) => (whyNoBackup(state) === undefined ? 1 : undefined),
      blocked: whyNoBackup,
    },
    {
      keys: ['y'],
      action: 'copy',
      label: 'copy the restore command',
      help: 'copy the command that restores this backup',
      group: 'take',
      footer: (state) => (whyNoBackup(state) === undefined ? 2 : undefined),
      blocked: whyNoBackup,
    },
  ],
  act: (action, { answer, at }) => {
    const backup = answer[at];
    if (backup === undefined) return [];
    if (action === 'open') return [{ kind: 'open', request: restoreOf(backup) }];
    if (action !== 'copy') return [];
    const commands = restoreCommands(backup);
    const what = commands.length === 1 ? 'the command that restores' : 'the commands that restore';
    // In one line: what is pasted as several would answer the question of the first.
    return [{ kind: 'copy', text: commands.join(' && '), what: `${what} ${backup.id}` }];
  },
});

function whyNoBackup({ asked }: PageState<Request, readonly BackupSummary[]>): string | undefined {
  return asked.kind === 'answered' && asked.report.length > 0 ? undefined : 'there is no backup';
}

/** The review of a restore; one of several databases is chosen first. */
function restoreOf({ environment, id, databases }: BackupSummary): RequestOf<'change'> {
  const words = ['restore', environment, id];
  if (databases.length < 2) return { screen: 'change', environment, words };
  return {
    screen: 'change',
    environment,
    words,
    asks: {
      says: `A restore takes one database of ${environment} back to ${id}. Which one?`,
      title: 'databases',
    },
    sources: databases.map(({ database, tags, tables, rows: all }) => ({
      name: database,
      words: [...words, '--database', database],
      note: `${quantity(tables, 'table')}, ${quantity(all, 'row')}, ${tags.at(-1) ?? 'before the first migration'}`,
      blocked: undefined,
    })),
  };
}

function rows(answer: readonly BackupSummary[], { request, signs, context, at }: RowsView<Request>): Rows {
  const { now, columns: width } = context;
  const of = request.environment === undefined ? '' : ` of ${request.environment}`;
  if (answer.length === 0) {
    const text = `No backup${of} yet. A deploy takes one first; so does migrate-tui backup.`;
    return { lines: paragraph(text, { width }), items: 0, cursor: 0 };
  }
  const wide = width >= 100;
  const lines = answer.map((backup, index): Line => {
    const { sign, word, tone } = proofs[backup.proof];
    const tables = backup.databases.reduce((sum, one) => sum + one.tables, 0);
    const since = ago(backup.takenAt, new Date(now));
    const all = backup.databases.reduce((sum, one) => sum + one.rows, 0);
    return columns(signs, [
      { content: say(index === at ? signs.cursor : '', 'accent'), width: 2 },
      { content: say(backup.id, index === at ? 'accent' : 'text'), width: 8 },
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
        content: say(wide ? `${quantity(tables, 'table')}, ${quantity(all, 'row')}` : '', 'dim'),
        width: Math.max(0, width - 82),
      },
    ]);
  });
  return { lines, items: answer.length, cursor: at, about: chosenLines(answer[at], { width, signs }) };
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
  { width, signs }: { readonly width: number; readonly signs: RowsView<Request>['signs'] },
): readonly Line[] {
  if (backup === undefined) return [];
  return [
    rule(signs, width, [{ at: 3, title: backup.id }]),
    ...backup.databases.flatMap(databaseWords).flatMap((text) => paragraph(text, { width })),
    ...restoreCommands(backup).flatMap((command, at) =>
      paragraph(`${at === 0 ? 'to restore' : '          '}   ${command}`, { width }),
    ),
    ...paragraph(restoringWords(backup), { width, tone: 'dim' }),
    ...paragraph(`${keptWords(backup)}; in ${backup.path}`, { width, tone: 'dim' }),
    ...backup.databases
      .flatMap(({ database, position, archive }) => [
        ...(position === undefined ? [] : [`${database} at ${position}`]),
        ...(archive === undefined ? [] : [`${database} archived in ${archive.sql}`]),
      ])
      .flatMap((text) => paragraph(text, { width, tone: 'dim' })),
  ];
}

function databaseWords(of: BackupSummary['databases'][number]): readonly string[] {
  const { database, tags, tables, rows: all, position, retention } = of;
  const at = tags.at(-1);
  const reached = at === undefined ? 'before the first migration' : `at ${at}`;
  const seen = `${database}: ${quantity(tables, 'table')}, ${quantity(all, 'row')}, ${reached}`;
  if (position === undefined) return [seen];
  return [`${seen}; kept by the server${retention === undefined ? '' : ` for ${retention}`}`];
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

function restoreCommands({ environment, id, databases }: BackupSummary): readonly string[] {
  const held = databases.map(({ database }) => database);
  return commandPerDatabase(['restore', environment, id], held).map((command) => `npx ${command}`);
}
