import type { ReactElement } from 'react';
import { quantity } from '../../../lib/numbers.ts';
import { Lines } from '../../components/text.tsx';
import type { Context, HeaderView, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { readAgo, rereadTicks } from '../reading.ts';
import { bindings } from './bindings.ts';
import { squashLines } from './lines.ts';
import { open, reduce } from './reduce.ts';
import type { SquashState } from './state.ts';

/** Screen 9: one file of a history, with what proves it and what each environment needs. */
export const squash: Screen<SquashState, RequestOf<'squash'>> = {
  name: 'squash',
  open,
  reduce,
  bindings,
  header,
  listens: ({ field }) => (field ? 'text' : 'keys'),
  ticks: rereadTicks,
  View,
};

function header({ asked, known, reading }: SquashState, context: Context): HeaderView {
  const { opening, database, now } = context;
  const name = asked.database ?? database;
  const found = opening?.databases.find((one) => one.name === name);
  const place = known ? `${known.report.folder}/` : undefined;
  const count = found && quantity(found.migrations.length, 'migration');
  const read =
    known && reading.kind !== 'asking'
      ? `${asked.what === 'undo' ? 'read' : 'proven'} ${readAgo(known, now)}`
      : undefined;
  const told = [place, count, read].filter((text) => text !== undefined);
  return {
    path: [
      ...(name === undefined ? [] : [name]),
      asked.what === 'undo' ? 'undo the squash' : 'squash',
      'review',
    ],
    right: told.map((text) => ({ text, tone: 'dim' })),
  };
}

function View({ state, context }: ViewProps<SquashState>): ReactElement {
  return <Lines lines={squashLines(useSigns(), state, context)} />;
}
