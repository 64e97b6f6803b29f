import type { ReactElement } from 'react';
import { age, ago, clock } from '../../../lib/time.ts';
import { Lines } from '../../components/text.tsx';
import { directionOf } from '../../present/change-words.ts';
import { environmentBadge } from '../../present/badge.ts';
import type { Context, HeaderView, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { bindings } from './bindings.ts';
import { databasesIn } from '../run-page.ts';
import { runLines } from './lines.ts';
import { open, reduce } from './reduce.ts';
import type { RunState } from './state.ts';

/** Screen 4: a run at work, with what stopping would do now and the way back always in sight. */
export const run: Screen<RunState, RequestOf<'run'>> = {
  name: 'run',
  open,
  reduce,
  bindings,
  header,
  ticks: ({ lost }) => (lost ? undefined : 250),
  View,
};

function header({ environment, view, run: number, lost, change }: RunState, context: Context): HeaderView {
  const known = context.environments.get(environment);
  const doing = lost ? 'not known' : doingOf(view.operation);
  const since = view.startedAt;
  const narrow = context.columns < 100 && since !== undefined;
  const badge = environmentBadge(environment, {
    protected: view.protected || (known?.protected ?? false),
    // Of what gives way there last of all, what is done is worth as much as for how long.
    doing: narrow ? `${doing}  ${age(since, new Date(context.now))}` : doing,
  });
  return {
    path: [
      ...databasesIn(view),
      directionOf(environment, change),
      number === undefined ? 'run' : `run ${number}`,
    ],
    right:
      since === undefined || narrow
        ? badge
        : [
            ...badge,
            { text: `started ${clock(since)}`, tone: 'dim' },
            { text: ago(since, new Date(context.now)), tone: 'dim' },
          ],
  };
}

function doingOf(operation: RunState['view']['operation']): string {
  if (operation === undefined) return 'starting';
  return operation === 'dry-run' || operation === 'backup' ? 'reading' : 'writing';
}

function View({ state, context }: ViewProps<RunState>): ReactElement {
  return <Lines lines={runLines(useSigns(), state, context)} />;
}
