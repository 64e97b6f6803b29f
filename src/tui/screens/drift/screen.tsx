import type { ReactElement } from 'react';
import { Lines } from '../../components/text.tsx';
import type { Context, HeaderPart, HeaderView, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { filterPart, isFiltering, listensTo } from '../filter.ts';
import { badgeOf } from '../page.ts';
import { freshness, rereadTicks } from '../reading.ts';
import { bindings } from './bindings.ts';
import { driftLines } from './lines.ts';
import { open, reduce } from './reduce.ts';
import type { DriftState } from './state.ts';
import { otherWords } from './words.ts';

/** Screen 8: what an environment has that its migrations, another environment or a backup have not, object by object. */
export const drift: Screen<DriftState, RequestOf<'drift'>> = {
  name: 'drift',
  open,
  reduce,
  bindings,
  header,
  listens: listensTo,
  ticks: rereadTicks,
  View,
};

function header(state: DriftState, context: Context): HeaderView {
  const { environment, than, database } = state;
  // What it is compared with must never give way.
  const page = than.kind === 'migrations' ? 'compare' : `compare with ${otherWords(than)}`;
  return {
    path: [...(database === undefined ? [] : [database]), environment, page],
    right: rightParts(state, context),
  };
}

/** What is filtered and that it is protected must be seen: a badge stands first, and is never dropped. */
function rightParts(state: DriftState, context: Context): readonly HeaderPart[] {
  const { environment, than, filter } = state;
  const isProtected = context.environments.get(environment)?.protected === true;
  const badge = isProtected ? badgeOf(context, environment) : [];
  if (isFiltering(filter)) return [...badge, ...filterPart(filter)];
  const sides: readonly HeaderPart[] =
    than.kind === 'migrations' ? [{ text: `${environment} with its migrations`, tone: 'text' }] : [];
  const fresh = freshness(state, context);
  return isProtected ? [...badge, ...fresh, ...sides] : [...sides, ...fresh];
}

function View({ state, context }: ViewProps<DriftState>): ReactElement {
  return <Lines lines={driftLines(useSigns(), state, context)} />;
}
