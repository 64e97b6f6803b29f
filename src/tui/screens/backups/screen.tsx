import { quantity } from '../../../lib/numbers.ts';
import type { BackupsReport, BackupSummary } from '../../../operations/reports.ts';
import type { HeaderPart, RequestOf } from '../../screen.ts';
import { answerPage, type PageState } from '../answer-page.tsx';
import { backupRows } from './lines.ts';
import { restoreCommands, restoreOf } from './restore.ts';

type Request = RequestOf<'backups'>;

/** The backups that are there, how sure they are, and the command that restores one; and what cannot be read as one. */
export const backups = answerPage<'backups', BackupsReport>({
  name: 'backups',
  args: ({ environment }) => ['backups', ...(environment === undefined ? [] : [environment])],
  what: () => 'reading the backups',
  accept: (report) => (report.kind === 'backups' ? report : undefined),
  header: ({ environment }, answered) => ({
    path: [...(environment === undefined ? [] : [environment]), 'backups'],
    right: answered === undefined ? [] : counts(answered.report),
  }),
  rows: backupRows,
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
  act: (action, { answer, at }, context) => {
    const backup = answer.backups[at];
    if (backup === undefined) return [];
    if (action === 'open') return [{ kind: 'open', request: restoreOf(backup) }];
    if (action !== 'copy') return [];
    const commands = restoreCommands(backup, context);
    const what = commands.length === 1 ? 'the command that restores' : 'the commands that restore';
    // In one line: what is pasted as several would answer the question of the first.
    return [{ kind: 'copy', text: commands.join(' && '), what: `${what} ${backup.id}` }];
  },
});

/** What cannot be read is wanted by nobody until it is missed. */
function counts({ backups: kept, unreadable = [] }: BackupsReport): readonly HeaderPart[] {
  const count = { text: quantity(kept.length, 'backup'), tone: 'dim' } as const;
  return unreadable.length === 0
    ? [count]
    : [count, { text: quantity(unreadable.length, 'unreadable', 'unreadable'), tone: 'warn' }];
}

function chosenIn({ asked, at }: PageState<Request, BackupsReport>): BackupSummary | undefined {
  return asked.kind === 'answered' ? asked.report.backups[at] : undefined;
}

function whyNoBackup(state: PageState<Request, BackupsReport>): string | undefined {
  const chosen = chosenIn(state);
  if (chosen) return chosen.proof === 'damaged' ? `${chosen.id} is damaged` : undefined;
  const { asked, at } = state;
  const lost =
    asked.kind === 'answered' ? asked.report.unreadable?.[at - asked.report.backups.length] : undefined;
  if (lost) return `${lost.id} cannot be read`;
  return asked.kind === 'asking' ? 'the backups are still being read' : 'there is no backup';
}
