import type { ReactElement } from 'react';
import { unicodeSigns, type Signs } from '../../lib/signs.ts';
import type { Report } from '../../operations/reports.ts';
import { Lines } from '../components/text.tsx';
import type { Line } from '../present/line.ts';
import { page as pageOf } from '../present/page.ts';
import { useSigns } from '../signs.ts';
import type {
  Binding,
  Context,
  Effect,
  HeaderView,
  Message,
  RequestOf,
  Screen,
  ScreenName,
  Step,
  ViewProps,
} from '../screen.ts';
import { air, waitingLines, type Asked } from './page.ts';
import { scrollBindings, scrolled } from './scrolling.ts';

/** A screen that asks one question and shows the answer as rows, with a cursor over some of them. */
export interface AnswerPage<Name extends ScreenName, Answer> {
  readonly name: Name;
  readonly args: (request: RequestOf<Name>) => readonly string[];
  /** `reading the backups of dev` */
  readonly what: (request: RequestOf<Name>) => string;
  readonly accept: (report: Report) => Answer | undefined;
  readonly header: (request: RequestOf<Name>, answer: Answer | undefined, context: Context) => HeaderView;
  /** What the answer changes elsewhere, such as what the environments show. */
  readonly answered?: (request: RequestOf<Name>) => readonly Effect[];
  /** All of the page; `at` is the cursor. */
  readonly rows: (answer: Answer, view: RowsView<RequestOf<Name>>) => Rows;
  readonly bindings?: readonly Binding<PageState<RequestOf<Name>, Answer>>[];
  /** What one of its own keys does. */
  readonly act?: (
    action: string,
    state: { readonly request: RequestOf<Name>; readonly answer: Answer; readonly at: number },
  ) => readonly Effect[];
}

export interface RowsView<Request> {
  readonly request: Request;
  readonly signs: Signs;
  readonly context: Context;
  readonly at: number;
}

export interface Rows {
  readonly lines: readonly Line[];
  /** How many of them the cursor can stand on. */
  readonly items: number;
  /** Which of `lines` it stands on now. */
  readonly cursor: number;
  /** About what the cursor stands on: below the lines, which give way to it. */
  readonly about?: readonly Line[];
}

export interface PageState<Request, Answer> {
  readonly request: Request;
  readonly asked: Asked<Answer>;
  readonly at: number;
}

export function answerPage<Name extends ScreenName, Answer>(
  page: AnswerPage<Name, Answer>,
): Screen<PageState<RequestOf<Name>, Answer>, RequestOf<Name>> {
  type State = PageState<RequestOf<Name>, Answer>;
  const ask = (request: RequestOf<Name>): Effect => ({ kind: 'ask', id: 'page', args: page.args(request) });
  const again = (state: State, now: number): Step<State> => ({
    state: { ...state, asked: { kind: 'asking', since: now } },
    effects: [ask(state.request)],
  });
  const reduce = (state: State, message: Message, context: Context): Step<State> => {
    switch (message.kind) {
      case 'answer': {
        const report = page.accept(message.report);
        if (report === undefined) return { state };
        return {
          state: { ...state, asked: { kind: 'answered', report, at: context.now } },
          effects: page.answered?.(state.request) ?? [],
        };
      }
      case 'ended':
        return message.error && state.asked.kind === 'asking'
          ? { state: { ...state, asked: { kind: 'failed', error: message.error } } }
          : { state };
      case 'action':
        return act(state, message.action, context);
      default:
        return { state };
    }
  };
  const act = (state: State, action: string, context: Context): Step<State> => {
    if (action === 'leave') return { state, effects: [{ kind: 'back' }] };
    if (action === 'again') return again(state, context.now);
    if (state.asked.kind !== 'answered') return { state };
    const answer = state.asked.report;
    const { items } = page.rows(answer, {
      request: state.request,
      signs: unicodeSigns,
      context,
      at: state.at,
    });
    const at = scrolled(action, { at: state.at, last: items - 1, page: context.rows });
    if (at !== undefined) return { state: { ...state, at } };
    return { state, effects: page.act?.(action, { request: state.request, answer, at: state.at }) ?? [] };
  };
  const View = ({ state, context }: ViewProps<State>): ReactElement => {
    const signs = useSigns();
    const { asked, request, at } = state;
    if (asked.kind !== 'answered') {
      const waiting = waitingLines(signs, asked, { what: page.what(request), context });
      return <Lines lines={[...air(context), ...waiting]} />;
    }
    const blank = air(context);
    const found = page.rows(asked.report, { request, signs, context, at });
    return <Lines lines={[...blank, ...inSight(found, Math.max(1, context.rows - blank.length))]} />;
  };
  return {
    name: page.name,
    open: (request, { now }) => ({
      state: { request, asked: { kind: 'asking', since: now }, at: 0 },
      effects: [ask(request)],
    }),
    reduce,
    bindings: [...scrollBindings, ...(page.bindings ?? []), ...leaving],
    header: ({ request, asked }, context) =>
      page.header(request, asked.kind === 'answered' ? asked.report : undefined, context),
    ticks: ({ asked }) => (asked.kind === 'asking' ? 100 : undefined),
    View,
  };
}

/** The cursor and what is said about it, however long the list is. */
function inSight({ lines, cursor, about = [] }: Rows, rows: number): readonly Line[] {
  const whole = [...lines, ...(about.length > 0 ? [[], ...about] : [])];
  if (whole.length <= rows) return whole;
  return pageOf(lines, { rows, top: 0, cursor, pinned: about.slice(0, Math.max(0, rows - leastList)) });
}

/** Rows of a list, with the one that says how much more there is. */
const leastList = 4;

const leaving: readonly Binding<unknown>[] = [
  { keys: ['r'], action: 'again', label: 'read again', help: 'read again', group: 'always', footer: 8 },
  {
    keys: ['esc', 'q'],
    action: 'leave',
    label: 'back',
    help: 'back to where you were',
    group: 'always',
    footer: 9,
  },
];
