import type { ReactElement } from 'react';
import type { Signs } from '../../../lib/signs.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import { Lines } from '../../components/text.tsx';
import { environmentBadge } from '../../present/badge.ts';
import { paragraph } from '../../present/layout.ts';
import type { Line } from '../../present/line.ts';
import { page } from '../../present/page.ts';
import type { Context, HeaderView, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { askingLines } from '../page.ts';
import { bindings } from './bindings.ts';
import { directionOf } from '../../present/change-words.ts';
import { confirmationLines } from './confirmation.ts';
import { changePage, errorLines, sourceLines, takenBackLines } from './lines.ts';
import { listens, open, reduce } from './reduce.ts';
import { accountOf, type ChangeState } from './state.ts';

/** A change that has no rehearsal: what it would do, and the one place where it is agreed to. */
export const change: Screen<ChangeState, RequestOf<'change'>> = {
  name: 'change',
  open,
  reduce,
  bindings,
  header,
  listens,
  ticks: ({ told }) => (told.kind === 'asking' ? 150 : undefined),
  View,
};

function header(state: ChangeState, context: Context): HeaderView {
  const { environment, words } = state;
  const account = accountOf(state);
  const isProtected = account?.protected ?? context.environments.get(environment)?.protected ?? false;
  const databases = account?.databases.map(({ database }) => database).join(', ') ?? '';
  return {
    path: [...(databases === '' ? [] : [databases]), directionOf(environment, words), words[0] ?? ''],
    right: environmentBadge(environment, {
      protected: isProtected,
      doing: isProtected ? 'protected, read-only' : 'nothing written yet',
    }),
  };
}

function View({ state, context }: ViewProps<ChangeState>): ReactElement {
  return <Lines lines={changeLines(useSigns(), state, context)} />;
}

/** Exactly the rows of the body. */
export function changeLines(signs: Signs, state: ChangeState, context: Context): readonly Line[] {
  const { columns: width, rows } = context;
  const { told } = state;
  switch (told.kind) {
    case 'asking':
      return page(askingLines(signs, told, { what: `asking ${state.environment}`, context }), {
        rows,
        top: 0,
      });
    case 'sources':
      return page(sourceLines(signs, state, told, width), { rows, top: 0, cursor: state.cursor + 3 });
    case 'nothing-to-do':
      return page(paragraph(`${told.message} esc back.`, { width }), { rows, top: 0 });
    case 'refused':
      return page(errorLines(signs, told.error, width), { rows, top: 0 });
    case 'account': {
      const pinned = [
        ...takenBackLines(signs, state, width),
        ...confirmationLines(signs, state, told.account, { width, rows }),
      ];
      const { lines, cursor } = changePage(signs, state, told.account, context);
      return page(lines, { rows, top: state.top, cursor, pinned });
    }
    default:
      return unreachable(told);
  }
}
