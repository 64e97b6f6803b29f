import type { ReactElement } from 'react';
import { Lines } from '../../components/text.tsx';
import type { Context, HeaderView, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { badgeOf } from '../page.ts';
import { freshness, rereadTicks } from '../reading.ts';
import { bindings } from './bindings.ts';
import { recoveryLines } from './lines.ts';
import { open, reduce } from './reduce.ts';
import { caseAt, type RecoveryState } from './state.ts';

/** Screen 7: what a run left behind, what shows it, what that means, and every way out with its cost. */
export const recovery: Screen<RecoveryState, RequestOf<'recovery'>> = {
  name: 'recovery',
  open,
  reduce,
  bindings,
  header,
  ticks: rereadTicks,
  View,
};

function header(state: RecoveryState, context: Context): HeaderView {
  const { environment } = state;
  const database = caseAt(state)?.database ?? context.database;
  return {
    path: [...(database === undefined ? [] : [database]), environment, 'ways out'],
    right: [...badgeOf(context, environment), ...freshness(state, context)],
  };
}

function View({ state, context }: ViewProps<RecoveryState>): ReactElement {
  return <Lines lines={recoveryLines(useSigns(), state, context)} />;
}
