import { jobKeys } from '../../app/job-keys.ts';
import { rollbackBlocked, rollbackWords } from '../../app/rollback.ts';
import type { Binding, Context } from '../../screen.ts';
import { scrollBindings } from '../scrolling.ts';
import { askKept } from './asks.ts';
import { environmentToKeep, inDatabase, meantIn, type MigrationState } from './state.ts';

const job = jobKeys<MigrationState>(({ environment }) => environment);

export const bindings: readonly Binding<MigrationState>[] = [
  ...scrollBindings,
  {
    keys: ['n'],
    action: 'next',
    label: 'next finding',
    help: 'the next finding',
    group: 'view',
    footer: (state) => (findings(state) > 0 ? 3 : undefined),
    blocked: whyNoFinding,
  },
  {
    keys: ['N'],
    action: 'before',
    label: 'last finding',
    help: 'the finding before',
    group: 'view',
    blocked: whyNoFinding,
  },
  {
    keys: ['f'],
    action: 'keep',
    label: 'keep rows',
    help: 'the file rewritten so that other tables keep their rows on D1, and as it is',
    group: 'view',
    footer: (state) => (environmentToKeep(state) === undefined ? undefined : 3),
    blocked: (state) =>
      environmentToKeep(state) === undefined ? 'it takes no rows of other tables along' : undefined,
    command: (state) => askKept(state, 'keep', []).args,
  },
  {
    keys: ['p'],
    action: 'write',
    label: 'put in place',
    help: 'put the rewritten file in the place of the file; the text of before is kept',
    group: 'take',
    footer: ({ rewritten }) => (rewritten ? 3 : undefined),
    blocked: ({ rewritten }) => (rewritten ? undefined : 'f rewrites it first'),
    command: (state) => askKept(state, 'write', ['--write']).args,
  },
  job('rollback', {
    help: 'take it and what came after it back, where the cursor came from: opens its review',
    footer: (state, context) => (whyNotBack(state, context) === undefined ? 4 : undefined),
    blocked: whyNotBack,
    command: (state, context) => {
      const meant = meantIn(state);
      return meant && rollbackWords(meant, inDatabase(state, context));
    },
  }),
  {
    keys: ['y'],
    action: 'copy',
    label: 'copy SQL',
    help: 'copy the SQL',
    group: 'take',
    footer: 5,
    blocked: whyUnread,
  },
  {
    keys: ['e'],
    action: 'edit',
    label: 'edit',
    help: 'open the file in your editor',
    group: 'take',
    footer: 6,
    blocked: whyUnread,
  },
  { keys: ['r'], action: 'again', label: 'read again', help: 'read again', group: 'always' },
  { keys: ['esc', 'q'], action: 'leave', label: 'back', help: 'back', group: 'always', footer: 7 },
];

function findings({ asked }: MigrationState): number {
  return asked.kind === 'answered' ? asked.report.findings.length : 0;
}

function whyNoFinding(state: MigrationState): string | undefined {
  return findings(state) > 0 ? undefined : 'nothing was found in it';
}

function whyUnread({ asked }: MigrationState): string | undefined {
  return asked.kind === 'answered' ? undefined : 'it is not read yet';
}

function whyNotBack(state: MigrationState, context: Context): string | undefined {
  const meant = meantIn(state);
  return meant ? rollbackBlocked(meant, inDatabase(state, context)) : 'it was opened from no environment';
}
