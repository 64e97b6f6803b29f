import type { Signs } from '../../../lib/signs.ts';
import type { Account } from '../../../operations/consent/account.ts';
import { askFrame, type Asked, type FrameRoom } from '../../present/ask-frame.ts';
import { say, type Line } from '../../present/line.ts';
import { quantity } from '../../../lib/numbers.ts';
import { heavyFrame } from '../../present/frame.ts';
import { wrapped } from '../../present/width.ts';
import { undecided } from './copying.ts';
import { demandOf } from './demands.ts';
import { takesBackup, toAnswerFor, type ChangeState } from './state.ts';

/** The frame that asks, or nothing while nothing is to be typed. It never leaves the screen. */
export function confirmationLines(
  signs: Signs,
  state: ChangeState,
  account: Account,
  room: FrameRoom,
): readonly Line[] {
  const demand = demandOf(state);
  const open = demand ? [] : undecided(account, state.copying);
  if (open.length > 0) return undecidedLines(signs, account, open, room.width);
  if (!demand || demand.kind === 'key') return [];
  const asked = demand.kind === 'reason' ? askForReason(account) : askForName(account, state.backup);
  return askFrame(signs, asked, state, room);
}

/** What stands in the way is on the page itself: a row of the tables. */
function undecidedLines(
  signs: Signs,
  { environment }: Account,
  open: readonly string[],
  width: number,
): readonly Line[] {
  const [first = ''] = open;
  const what =
    open.length === 1 ? `${first} looks` : `${first} and ${quantity(open.length - 1, 'other')} look`;
  const text = `${what} personal and ${open.length === 1 ? 'has' : 'have'} no rule. space gives the column under the cursor one, or says that it is copied as it is; then ${environment} is asked for by its name.`;
  return heavyFrame(signs, {
    title: 'no rule',
    lines: wrapped(text, width - 3).map((row) => [say(row)]),
    width,
    tone: 'warn',
  });
}

function askForReason(account: Account): Asked {
  const named = account.destroys || account.consent.confirm !== 'not-needed';
  return {
    title: titleOf(account),
    before: toAnswerFor(account).map(({ says }) => says),
    ask: 'Why is it right all the same?',
    after: `The words go into the record of the run, with your name.${named ? ' Then the name is asked for.' : ''}`,
    expected: '',
  };
}

function askForName(account: Account, backup: ChangeState['backup']): Asked {
  const { environment, protected: isProtected, destroys } = account;
  const what = isProtected
    ? `This writes to ${environment}. To unlock it for this run alone, type its name:`
    : destroys
      ? `This takes away what ${environment} holds now. To go on, type its name:`
      : `This writes to ${environment}, which is not on this machine. To go on, type its name:`;
  return {
    title: titleOf(account),
    before: [],
    ask: what,
    after: takesBackup(account) ? backupFirst[backup] : 'There is nothing to back up.',
    expected: environment,
  };
}

const backupFirst = {
  copy: 'A backup of the present state is taken first: it is the way back.',
  place: "Its present place in the server's own history is noted first: it is the way back.",
} as const;

function titleOf({ environment, protected: isProtected }: Account): string {
  return isProtected ? environment.toUpperCase() : environment;
}
