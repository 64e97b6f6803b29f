import type { ReactElement } from 'react';
import { ago } from '../../../lib/time.ts';
import { Lines } from '../../components/text.tsx';
import type { Context, HeaderPart, HeaderView, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { badgeOf } from '../page.ts';
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
  listens: ({ filter }) => (filter.typing === 'typing' ? 'text' : 'keys'),
  ticks: ({ reading, known }) => (reading.kind === 'asking' ? 150 : known ? 1000 : undefined),
  View,
};

function header(state: DriftState, context: Context): HeaderView {
  const { environment, than, database, filter } = state;
  const typing = filter.typing === 'typing' || filter.text !== '';
  return {
    path: [...(database === undefined ? [] : [database]), environment, 'compare'],
    right: [
      ...(typing ? [{ text: `/ ${filter.text}`, tone: 'text' } as const] : []),
      ...sidesOf(context, environment, otherWords(than)),
      ...freshness(state, context),
    ],
  };
}

/** `local with its migrations`; a protected environment keeps its badge. */
function sidesOf(context: Context, environment: string, other: string): readonly HeaderPart[] {
  const known = context.environments.get(environment);
  if (known?.protected !== true) return [{ text: `${environment} with ${other}`, tone: 'text' }];
  return [...badgeOf(context, environment), { text: `with ${other}`, tone: 'text' }];
}

function freshness({ known, reading }: DriftState, { now }: Context): readonly HeaderPart[] {
  if (!known) return [];
  if (reading.kind === 'asking') return [{ text: 'reading again', tone: 'dim' }];
  return [{ text: `read ${ago(new Date(known.readAt).toISOString(), new Date(now))}`, tone: 'dim' }];
}

function View({ state, context }: ViewProps<DriftState>): ReactElement {
  return <Lines lines={driftLines(useSigns(), state, context)} />;
}
