import { commandLine } from '../../../lib/command-line.ts';
import { count } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import type { Account, BoundAccount, Choice } from '../../../operations/consent/account.ts';
import { columns, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { nextOnScreen } from '../../present/next.ts';
import { stepRowLines } from '../../present/steps.ts';
import { widthOf } from '../../present/width.ts';
import type { Context } from '../../screen.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { confirmedArguments } from './arguments.ts';
import { takesBackup, type ChangeState, type Told } from './state.ts';
import { changeSteps } from './steps.ts';
import { copiedTableLines } from './table-lines.ts';

/** The page above the frame, and the row of it that must stay in sight. */
export interface ChangePage {
  readonly lines: readonly Line[];
  readonly cursor: number | undefined;
}

export function changePage(
  signs: Signs,
  state: ChangeState,
  account: BoundAccount,
  context: Pick<Context, 'columns' | 'place'>,
): ChangePage {
  const { columns: width } = context;
  const { choices = [] } = account;
  const above: Line[] = [
    ...account.says.flatMap((text) => paragraph(text, { width })),
    ...(state.refused ? errorLines(signs, state.refused, width) : []),
  ];
  if (choices.length > 0) {
    const places = choiceLines(signs, choices, { cursor: state.cursor, width });
    return { lines: [...above, ...places.lines], cursor: above.length + places.cursor };
  }
  above.push(...databaseLines(signs, state.backup, account, width));
  const tables = account.tables && copiedTableLines(signs, state, account, width);
  return {
    lines: [
      ...above,
      ...(tables?.lines ?? []),
      rule(signs, width, [{ at: 3, title: 'steps' }]),
      ...stepRowLines(signs, changeSteps(account, state.backup), { width, times: 'none' }),
      ...commandLines(signs, state, account, context),
    ],
    // From its first table on the page begins with what it says: the direction is read first.
    cursor: tables && !isFirst(state.place) ? above.length + tables.cursor : undefined,
  };
}

function isFirst({ table, column }: ChangeState['place']): boolean {
  return table === 0 && column === undefined;
}

/** What stands in the way, and what leads out. */
export function errorLines(signs: Signs, error: MigrateErrorView, width: number): readonly Line[] {
  const keys = {
    again: 'r asks again.',
    rehearse: 'r asks again.',
    otherwise: 'r asks again; esc leads back.',
  };
  return [
    ...paragraph(`${signs.failed} ${error.message}`, { width, tone: 'danger' }),
    ...paragraph(nextOnScreen(error, keys), { width, indent: 4 }),
  ];
}

/** Why the last choice on a row of the tables is not taken; it stays in sight with the frame. */
export function takenBackLines(
  signs: Signs,
  { takenBack }: Pick<ChangeState, 'takenBack'>,
  width: number,
): readonly Line[] {
  return takenBack ? paragraph(`${signs.finding} ${takenBack.message}`, { width, tone: 'warn' }) : [];
}

const keptWords = {
  copy: 'what goes is kept in the backup',
  place: "what goes is kept in the server's history",
} as const;

/** What a database has now and will not have, and what it gets. */
function databaseLines(
  signs: Signs,
  backup: ChangeState['backup'],
  account: Account,
  width: number,
): readonly Line[] {
  const told = account.databases.filter(({ writes, loses }) => (writes ?? loses) !== undefined);
  if (told.length === 0) return [];
  const kept = takesBackup(account) && told.some(({ loses }) => loses !== undefined);
  const tone = account.destroys ? 'danger' : 'removed';
  const name = Math.min(24, widest(told.map(({ database }) => database))) + 2;
  const goes = widest(told.map(({ loses = '' }) => loses)) + 5;
  const comes = widest(told.map(({ writes = '' }) => writes)) + 2;
  const beside = 2 + name + goes + comes <= width;
  return [
    rule(signs, width, [
      { at: 3, title: 'what goes, what comes' },
      { at: 0, title: kept ? keptWords[backup] : '', tone: 'dim' },
    ]),
    ...told.flatMap(({ database, loses, writes }) => {
      const first = { content: `  ${database}`, width: name + 2, cut: 'middle' } as const;
      const minus = say(loses === undefined ? '' : `- ${loses}`, tone);
      const plus = say(writes === undefined ? '' : `+ ${writes}`, 'added');
      const room = width - name - 2;
      if (beside) {
        const gap = goes === 5 ? 0 : goes;
        return [
          columns(signs, [first, { content: minus, width: gap }, { content: plus, width: room - gap }]),
        ];
      }
      return [minus, plus]
        .filter(({ text }) => text !== '')
        .map((part, index) =>
          columns(signs, [index === 0 ? first : { ...first, content: '' }, { content: part, width: room }]),
        );
    }),
  ];
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(widthOf));
}

/** The places that can be taken, and what is known of the one under the cursor. */
function choiceLines(
  signs: Signs,
  choices: readonly Choice[],
  { cursor, width }: { readonly cursor: number; readonly width: number },
): { readonly lines: readonly Line[]; readonly cursor: number } {
  const notes = choices.map(({ fits, says }) =>
    fits === 'yes' ? [say(`${signs.done} `, 'ok'), say('fits')] : differs(signs, says),
  );
  const chosen = choices[cursor];
  const told = chosen?.says ?? [];
  const detail =
    told.length === 0
      ? []
      : [
          rule(signs, width, [{ at: 3, title: `what differs at ${chosen?.name}` }]),
          ...told.flatMap((text) => paragraph(text, { width, indent: 4 })),
        ];
  const rows = chosenRows(signs, choices, notes, { cursor, width });
  return {
    lines: [rule(signs, width, [{ at: 3, title: 'places' }]), ...rows, ...detail],
    cursor: cursor + 1,
  };
}

/** What is to be chosen before anything is asked. */
export function sourceLines(
  signs: Signs,
  { cursor }: Pick<ChangeState, 'cursor'>,
  { sources, asks }: Pick<Extract<Told, { kind: 'sources' }>, 'sources' | 'asks'>,
  width: number,
): readonly Line[] {
  const notes = sources.map(({ note, blocked }): Line => [
    say(blocked === undefined ? note : `not now: ${blocked}`, 'dim'),
  ]);
  return [
    ...paragraph(asks.says, { width }),
    rule(signs, width, [{ at: 3, title: asks.title }]),
    ...chosenRows(signs, sources, notes, { cursor, width }),
  ];
}

function chosenRows(
  signs: Signs,
  choices: readonly { readonly name: string }[],
  notes: readonly Line[],
  { cursor, width }: { readonly cursor: number; readonly width: number },
): readonly Line[] {
  const place = Math.min(Math.floor(width / 2), widest(choices.map(({ name }) => name)) + 3);
  return choices.map(({ name }, index) =>
    columns(signs, [
      { content: say(index === cursor ? `${signs.cursor} ` : '  ', 'accent'), width: 2 },
      { content: name, width: place, cut: 'middle' },
      { content: notes[index] ?? [], width: Math.max(0, width - 2 - place) },
    ]),
  );
}

function differs(signs: Signs, [first = '', ...others]: readonly string[]): Line {
  const more = others.length === 0 ? '' : ` and ${count(others.length)} more`;
  return [say(`${signs.differs} `, 'warn'), say(`differs: ${first}${more}`, 'dim')];
}

/** The screen does nothing that is no command: this one. */
function commandLines(
  signs: Signs,
  state: ChangeState,
  account: BoundAccount,
  { columns: width, place }: Pick<Context, 'columns' | 'place'>,
): readonly Line[] {
  const words = confirmedArguments(account, state).filter((word) => word !== '--agreed' && word !== 'typed');
  return [
    rule(signs, width, [{ at: 3, title: 'the same on the command line' }]),
    ...paragraph(commandLine(words, place), { width }),
  ];
}
