import { createElement, memo, type ReactElement } from 'react';
import { commandLine } from '../../lib/command-line.ts';
import type {
  Binding,
  Context,
  Effect,
  HeaderView,
  Message,
  RememberedView,
  Screen,
  ScreenName,
} from '../screen.ts';

/** A screen on the stack with its state inside: the app moves it on without knowing what the state is. */
export interface Mounted {
  /** Tells two screens of the same name apart, for what they asked. */
  readonly key: number;
  readonly name: ScreenName;
  send(message: Message, context: Context): Moved;
  keys(context: Context): readonly KeyRow[];
  header(context: Context): HeaderView;
  listens(): 'keys' | 'text';
  ticks(): number | undefined;
  remember(context: Context): RememberedView | undefined;
  view(context: Context): ReactElement;
}

export interface Moved {
  readonly mounted: Mounted;
  readonly effects: readonly Effect[];
}

/** A binding as it stands now: its words resolved, and whether it works. */
export interface KeyRow {
  readonly keys: readonly string[];
  readonly action: string;
  readonly label: string;
  readonly help: string;
  readonly group: Binding<unknown>['group'];
  readonly footer: number | undefined;
  readonly blocked: string | undefined;
  /** The same on the command line. */
  readonly command: string | undefined;
}

export function mount<State, Request>(
  screen: Screen<State, Request>,
  request: Request,
  { key, context }: { readonly key: number; readonly context: Context },
): Moved {
  const { state, effects = [] } = screen.open(request, context);
  return { mounted: withState({ screen, View: memo(screen.View), key }, state), effects };
}

function withState<State, Request>(
  held: {
    readonly screen: Screen<State, Request>;
    readonly View: Screen<State, Request>['View'];
    readonly key: number;
  },
  state: State,
): Mounted {
  const { screen, View, key } = held;
  const self: Mounted = {
    key,
    name: screen.name,
    send(message, context) {
      const step = screen.reduce(state, message, context);
      const mounted = Object.is(step.state, state) ? self : withState(held, step.state);
      return { mounted, effects: step.effects ?? [] };
    },
    keys: (context) => screen.bindings.map((binding) => rowOf(binding, state, context)),
    header: (context) => screen.header(state, context),
    listens: () => screen.listens?.(state) ?? 'keys',
    ticks: () => screen.ticks?.(state),
    remember: (context) => screen.remember?.(state, context),
    view: (context) => createElement(View, { key, state, context }),
  };
  return self;
}

function rowOf<State>(binding: Binding<State>, state: State, context: Context): KeyRow {
  const { keys, action, label, help, group, footer, blocked, command } = binding;
  const words = command?.(state, context);
  return {
    keys,
    action,
    help,
    group,
    label: typeof label === 'function' ? label(state, context) : label,
    footer: typeof footer === 'function' ? footer(state, context) : footer,
    blocked: blocked?.(state, context),
    command: words && commandLine(words, context.place),
  };
}
