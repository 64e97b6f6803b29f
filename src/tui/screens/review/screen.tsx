import type { ReactElement } from 'react';
import type { Signs } from '../../../lib/signs.ts';
import { Lines } from '../../components/text.tsx';
import { paragraph } from '../../present/layout.ts';
import type { Line } from '../../present/line.ts';
import { page } from '../../present/page.ts';
import { environmentBadge } from '../../present/badge.ts';
import type { Context, HeaderView, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { askingLines } from '../page.ts';
import { bindings } from './bindings.ts';
import { confirmationLines } from './confirmation.ts';
import { reviewPage } from './lines.ts';
import { listens, open, reduce } from './reduce.ts';
import { byKey, plannedOf, writtenOf, type ReviewState } from './state.ts';

/** Screen 3: what would be done, what the dry-run showed of it, and the one place where it is confirmed. */
export const review: Screen<ReviewState, RequestOf<'review'>> = {
  name: 'review',
  open,
  reduce,
  bindings,
  header,
  listens,
  ticks: (state) =>
    state.rehearsal.kind === 'running' ? 250 : state.plan.kind === 'asking' ? 150 : undefined,
  View,
};

function header({ environment, plan, way }: ReviewState, context: Context): HeaderView {
  const known = context.environments.get(environment);
  const isProtected = plan.kind === 'read' ? plan.report.protected : (known?.protected ?? false);
  const database =
    plan.kind === 'read'
      ? writtenOf(plan.report)
          .map((one) => one.database)
          .join(', ')
      : context.database;
  return {
    path: [
      ...(database === undefined || database === '' ? [] : [database]),
      environment,
      ...(way ? [way.back ? 'roll back' : 'ways out'] : []),
      'review',
    ],
    right: environmentBadge(environment, {
      protected: isProtected,
      doing: isProtected ? 'protected, read-only' : 'read-only here',
    }),
  };
}

function View({ state, context }: ViewProps<ReviewState>): ReactElement {
  return <Lines lines={reviewLines(useSigns(), state, context)} />;
}

/** Exactly the rows of the body. */
export function reviewLines(signs: Signs, state: ReviewState, context: Context): readonly Line[] {
  const { columns: width, rows, now } = context;
  const { plan } = state;
  switch (plan.kind) {
    case 'asking':
      return page(askingLines(signs, plan, { what: `asking ${state.environment}`, context }), {
        rows,
        top: 0,
      });
    case 'error':
      return page(
        [
          ...paragraph(`${signs.failed} ${plan.error.message}`, { width, tone: 'danger' }),
          ...paragraph(`Nothing was changed. ${plan.error.next ?? ''}`.trim(), { width }),
          ...paragraph('r asks again.', { width }),
        ],
        { rows, top: 0 },
      );
    case 'read': {
      if (plannedOf(plan.report).length === 0)
        return page(nothingToDeploy(signs, state, plan.report, width), { rows, top: 0 });
      const pinned = confirmationLines(signs, state, plan.report, { width, rows });
      const { lines, cursor } = reviewPage(signs, state, plan.report, { width, rows, now });
      return page(lines, { rows, top: state.top, cursor, pinned });
    }
  }
}

function nothingToDeploy(
  signs: Signs,
  { environment }: ReviewState,
  { databases, refusals }: Extract<ReviewState['plan'], { kind: 'read' }>['report'],
  width: number,
): readonly Line[] {
  const waiting = databases.flatMap((one) => one.waiting);
  const refused = refusals.flatMap(({ message, next }) => [
    ...paragraph(`${signs.failed} ${message}`, { width, tone: 'danger' }),
    ...(next === undefined ? [] : paragraph(next, { width, indent: 4 })),
  ]);
  return [
    ...paragraph(
      `Nothing to deploy${refused.length > 0 ? ' as things stand' : ''}: ${environment} has no migration that may run now. esc back.`,
      { width },
    ),
    ...refused,
    ...waiting.flatMap(({ tag, why }) =>
      paragraph(`${signs.nothing} ${tag} waits: ${byKey(why)}`, { width, tone: 'dim' }),
    ),
  ];
}
