import type { ReactElement } from 'react';
import { ago } from '../../../lib/time.ts';
import { Lines } from '../../components/text.tsx';
import type { Context, HeaderPart, HeaderView, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { badgeOf } from '../page.ts';
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
  ticks: ({ reading, known }) => (reading.kind === 'asking' ? 150 : known ? 1000 : undefined),
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

function freshness({ known, reading }: RecoveryState, { now }: Context): readonly HeaderPart[] {
  if (!known) return [];
  if (reading.kind === 'asking') return [{ text: 'reading again', tone: 'dim' }];
  return [{ text: `read ${ago(new Date(known.readAt).toISOString(), new Date(now))}`, tone: 'dim' }];
}

function View({ state, context }: ViewProps<RecoveryState>): ReactElement {
  return <Lines lines={recoveryLines(useSigns(), state, context)} />;
}
