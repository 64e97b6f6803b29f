import type { ReactElement } from 'react';
import { Lines } from '../../components/text.tsx';
import type { HeaderView, RequestOf, Screen, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { air, waitingLines } from '../page.ts';
import { bindings } from './bindings.ts';
import { open, reduce } from './reduce.ts';
import { room, shownReport, type MigrationState } from './state.ts';
import { bodyLines, headLines } from './text.ts';

/** One migration: where it is applied since when, what to mind, and its SQL. */
export const migration: Screen<MigrationState, RequestOf<'migration'>> = {
  name: 'migration',
  open,
  reduce,
  bindings,
  header: ({ database, tag, asked }): HeaderView => ({
    path: [database, tag],
    right: asked.kind === 'answered' ? [{ text: asked.report.file, tone: 'dim' }] : [],
  }),
  ticks: ({ asked }) => (asked.kind === 'asking' ? 100 : undefined),
  View,
};

function View({ state, context }: ViewProps<MigrationState>): ReactElement {
  const signs = useSigns();
  const { asked, top } = state;
  if (asked.kind !== 'answered') {
    return (
      <Lines
        lines={[...air(context), ...waitingLines(signs, asked, { what: `reading ${state.tag}`, context })]}
      />
    );
  }
  const report = shownReport(asked.report, state);
  const text = bodyLines(report, context.columns);
  const page = room(text, context);
  const from = Math.max(0, Math.min(top, text.body.length - page));
  const head = headLines(signs, report, { context, text, from, page });
  const body = text.body.slice(from, from + page);
  return <Lines lines={[...air(context), ...head, ...body.map((line) => line(signs))]} />;
}
