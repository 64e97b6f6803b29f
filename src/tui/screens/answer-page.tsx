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
import { air, waitingLines, type Answered, type Asked } from './page.ts';
import { scrollBindings, scrolled } from './scrolling.ts';

/** A screen that asks one question and shows the answer as rows, with a cursor over some of them. */
export interface AnswerPage<Name extends ScreenName, Answer> {
  readonly name: Name;
  readonly args: (request: RequestOf<Name>) => readonly string[];
  /** `reading the backups of dev` */
  readonly what: (request: RequestOf<Name>) => string;
  readonly accept: (report: Report) => Answer | undefined;
  /** `answered`: the last answer and when it came; undefined while there is none. */
  readonly header: (
    request: RequestOf<Name>,
    answered: Answered<Answer> | undefined,
    context: Context,
  ) => HeaderView;
  /** What the answer changes elsewhere, such as what the environments show. */
  readonly answered?: (request: RequestOf<Name>) => readonly Effect[];
  /** All of the page; `at` is the cursor. */
  readonly rows: (answer: Answer, view: RowsView<RequestOf<Name>>) => Rows;
  readonly bindings?: readonly Binding<PageState<RequestOf<Name>, Answer>>[];
  /** What one of its own keys does. */
  readonly act?: (
    action: string,
    state: { readonly request: RequestOf<Name>; readonly answer: Answer; readonly at: number },
    context: Context,
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

/** The screen of a page: what is the same for all of them is here, and what makes each its own is in `page`. */
export function answerPage<Name extends ScreenName, Answer>(
  page: AnswerPage<Name, Answer>,
): Screen<StateOf<Name, Answer>, RequestOf<Name>> {
  return {
    name: page.name,
    open: (request, { now }) => asking(page, { request, at: 0 }, now),
    reduce: (state, message, context) => reduce(page, state, message, context),
    bindings: [...scrollBindings, ...(page.bindings ?? []), ...leaving],
    header: ({ request, asked }, context) =>
      page.header(request, asked.kind === 'answered' ? asked : undefined, context),
    // An answer tells its age.
    ticks: ({ asked }) => (asked.kind === 'asking' ? 100 : 1000),
    View: viewOf(page),
  };
}

type StateOf<Name extends ScreenName, Answer> = PageState<RequestOf<Name>, Answer>;

function asking<Name extends ScreenName, Answer>(
  page: AnswerPage<Name, Answer>,
  { request, at }: Pick<StateOf<Name, Answer>, 'request' | 'at'>,
  now: number,
): Step<StateOf<Name, Answer>> {
  return {
    state: { request, asked: { kind: 'asking', since: now }, at },
    effects: [{ kind: 'ask', id: 'page', args: page.args(request) }],
  };
}

function reduce<Name extends ScreenName, Answer>(
  page: AnswerPage<Name, Answer>,
  state: StateOf<Name, Answer>,
  message: Message,
  context: Context,
): Step<StateOf<Name, Answer>> {
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
      return act(page, state, message.action, context);
    default:
      return { state };
  }
}

function act<Name extends ScreenName, Answer>(
  page: AnswerPage<Name, Answer>,
  state: StateOf<Name, Answer>,
  action: string,
  context: Context,
): Step<StateOf<Name, Answer>> {
  const { request, asked, at } = state;
  if (action === 'leave') return { state, effects: [{ kind: 'back' }] };
  if (action === 'again') return asking(page, state, context.now);
  if (asked.kind !== 'answered') return { state };
  const { items } = page.rows(asked.report, { request, signs: unicodeSigns, context, at });
  const moved = scrolled(action, { at, last: items - 1, page: context.rows });
  if (moved !== undefined) return { state: { ...state, at: moved } };
  return { state, effects: page.act?.(action, { request, answer: asked.report, at }, context) ?? [] };
}

function viewOf<Name extends ScreenName, Answer>(
  page: AnswerPage<Name, Answer>,
): (props: ViewProps<StateOf<Name, Answer>>) => ReactElement {
  return function View({ state: { asked, request, at }, context }) {
    const signs = useSigns();
    const blank = air(context);
    if (asked.kind !== 'answered') {
      const waiting = waitingLines(signs, asked, { what: page.what(request), context });
      return <Lines lines={[...blank, ...waiting]} />;
    }
    const found = page.rows(asked.report, { request, signs, context, at });
    return <Lines lines={[...blank, ...inSight(found, Math.max(1, context.rows - blank.length))]} />;
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
