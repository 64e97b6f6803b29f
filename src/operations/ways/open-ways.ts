import { quantity } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { backingOut } from './back-out.ts';
import { withInvalidDropped } from './drop-invalid.ts';
import { endingSession } from './end-session.ts';
import type { WaysInput } from './input.ts';
import type { Option } from './option.ts';
import { recording } from './record.ts';
import { removingRecord } from './remove-record.ts';
import { restoring } from './restore.ts';
import { resuming } from './resume.ts';
import { startingOver } from './start-over.ts';
import { undoing } from './undo-file.ts';
import { asUnits } from './words.ts';

/** Every way out of one unfinished migration, open or not, the one that loses nothing first; none is proven yet. */
export function waysOutOf(input: WaysInput): readonly Option[] {
  const options = waysFor(input).map((option) =>
    option.id === 'resume' && isLeftByItsEnd(input) ? droppingTheRest(input) : option,
  );
  return withInvalidDropped(options, input.invalid ?? []);
}

/** All of it is there but for the end of a DROP INDEX CONCURRENTLY. */
function isLeftByItsEnd({ diagnosed, invalid = [] }: WaysInput): boolean {
  const isDropped = invalid.every(({ named }) => named === 'DROP INDEX CONCURRENTLY');
  return diagnosed.diagnosis.kind === 'unrecorded' && invalid.length > 0 && isDropped;
}

function droppingTheRest({ migration }: WaysInput): Option {
  return {
    kind: 'open',
    id: 'resume',
    why: 'Nothing else of it is left to run. Records it.',
    way: { kind: 'run', migration: { ...migration, statements: [] } },
  };
}

function waysFor(input: WaysInput): readonly Option[] {
  const { diagnosed, half } = input;
  const { diagnosis } = diagnosed;
  switch (diagnosis.kind) {
    case 'running-elsewhere':
      return inOrder.map((id) => closed(id, 'Wait until that run has ended, and ask again.'));
    case 'session-left':
      return [
        endingSession(diagnosis.sessions),
        ...inOrder.map((id) =>
          closed(id, 'The server still works for it: wait until that is done, and ask again.'),
        ),
      ];
    case 'undecided':
    case 'cannot-replay':
      return notTold(input, 'How far it came is not known.');
    case 'unrecorded':
    case 'recorded-not-there':
    case 'not-started':
    case 'stopped':
    case 'one-of':
    case 'schema-complete':
      return half ? told(input, half) : settled(input);
    default:
      return unreachable(diagnosis);
  }
}

const inOrder = ['resume', 'start-over', 'record', 'remove-record', 'back-out', 'undo', 'restore'] as const;
type Id = (typeof inOrder)[number];

function told(input: WaysInput, half: NonNullable<WaysInput['half']>): readonly Option[] {
  const recorded = 'It has a record: that is taken away before anything of it runs again.';
  return [
    input.entry ? closed('resume', recorded) : resuming(half, input),
    input.entry ? closed('start-over', recorded) : startingOver(half, input),
    recording(half, input),
    removingRecord(input),
    backingOut(half, input),
    undoing(half, input),
    restoring(input.backups, input.now),
  ];
}

/** All of it is there, or nothing. */
function settled(input: WaysInput): readonly Option[] {
  const { kind } = input.diagnosed.diagnosis;
  if (kind === 'not-started' && !input.entry) return asDeployed(input);
  if (kind !== 'unrecorded') return notTold(input, 'What it would leave could not be tried out.');
  return [
    closed('resume', 'Nothing is left to run.'),
    closed('start-over', 'All of it is there: it would run a second time.'),
    recording(undefined, input),
    removingRecord(input),
    closed('back-out', 'All of it is there, and what undoes a whole migration is its rollback file.'),
    undoing(undefined, input),
    restoring(input.backups, input.now),
  ];
}

/** Nothing of it is there, though names in the schema look like it: a run of all of it is what a deploy does, too. */
function asDeployed(input: WaysInput): readonly Option[] {
  const { migration, invalid = [] } = input;
  const nothing = `Nothing ${invalid.length === 0 ? '' : 'else '}of it is there.`;
  return [
    closed('resume', `${nothing} There is nothing to go on from.`),
    {
      kind: 'open',
      id: 'start-over',
      why: `${nothing} Runs all of it (${quantity(migration.statements.length, 'statement')}) ${asUnits(migration.statements)} and records it, as a deploy does.`,
      way: { kind: 'run', migration },
    },
    closed('record', `Not true: ${nothing.toLowerCase()}`),
    removingRecord(input),
    closed('back-out', `${nothing} There is nothing to take back.`),
    closed('undo', `${nothing} There is nothing to undo.`),
    restoring(input.backups, input.now),
  ];
}

function notTold(input: WaysInput, why: string): readonly Option[] {
  return [
    closed('resume', why),
    closed('start-over', why),
    recording(undefined, input),
    removingRecord(input),
    closed('back-out', why),
    undoing(undefined, input),
    restoring(input.backups, input.now),
  ];
}

function closed(id: Id, why: string): Option {
  return { kind: 'closed', id, why };
}
