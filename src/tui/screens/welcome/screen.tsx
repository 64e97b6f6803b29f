import type { ReactElement } from 'react';
import { Lines } from '../../components/text.tsx';
import type { Context, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { air } from '../page.ts';
import { bindings } from './keys.ts';
import { welcomeLines } from './lines.ts';
import { reduce } from './reduce.ts';
import { nothingHere, type WelcomeState } from './state.ts';

/** The first start: what was found and where, or where was looked in vain. */
export const welcome: Screen<WelcomeState, RequestOf<'welcome'>> = {
  name: 'welcome',
  open: () => ({ state: { at: 0, page: { kind: 'choices' } } }),
  reduce,
  bindings,
  header: (_state, context) => ({
    path: [],
    right: [{ text: headline(context), tone: 'dim' }],
  }),
  View,
};

function headline(context: Context): string {
  if (context.failure) return 'nothing was read';
  return nothingHere(context) ? 'nothing to migrate here' : 'no migrate-tui.config yet';
}

function View({ state, context }: ViewProps<WelcomeState>): ReactElement {
  const lines = [...air(context), ...welcomeLines(useSigns(), state, context)];
  return <Lines lines={lines.slice(0, context.rows)} />;
}
