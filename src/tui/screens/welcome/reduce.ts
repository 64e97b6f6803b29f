import type { RunEvent } from '../../../operations/events.ts';
import type { Context, Effect, Message, Step } from '../../screen.ts';
import { scrolled } from '../scrolling.ts';
import {
  choicesOf,
  demoFolder,
  drizzleConfig,
  folderConfig,
  nothingHere,
  type Choice,
  type WelcomePage,
  type WelcomeState,
} from './state.ts';

type Next = Step<WelcomeState>;

export function reduce(state: WelcomeState, message: Message, context: Context): Next {
  switch (message.kind) {
    case 'action':
      return acted(state, message.action, { number: Number(message.key.name), context });
    case 'event':
      return { state: heard(state, message.event) };
    case 'ended':
      return ended(state, message);
    case 'status':
      // What failed was put right, and a project that has its own config needs no welcome.
      return message.line.kind === 'status-opening' &&
        message.line.configFile !== undefined &&
        !nothingHere(context)
        ? { state, effects: [{ kind: 'back' }] }
        : { state };
    default:
      return { state };
  }
}

function acted(
  state: WelcomeState,
  action: string,
  { number, context }: { readonly number: number; readonly context: Context },
): Next {
  if (action === 'leave') return left(state);
  const { page } = state;
  if (page.kind === 'config') return onConfig(state, page, action, context);
  if (action === 'copy') return copied(state);
  const choices = choicesOf(context);
  switch (action) {
    case 'number':
      return chosen({ ...state, at: number - 1 }, choices);
    case 'open':
      return chosen(state, choices);
    default: {
      const at = scrolled(action, { at: state.at, last: choices.length - 1, page: context.rows });
      return { state: at === undefined ? state : { ...state, at } };
    }
  }
}

/** One page back; from the choices to the environments. */
function left(state: WelcomeState): Next {
  if (state.page.kind === 'choices') return { state, effects: [{ kind: 'back' }] };
  const effects: readonly Effect[] = [
    { kind: 'forget', id: 'print' },
    { kind: 'forget', id: 'demo' },
  ];
  return { state: { ...state, page: { kind: 'choices' } }, effects };
}

function chosen(state: WelcomeState, choices: readonly Choice[]): Next {
  switch (choices[state.at]?.action) {
    case 'look':
      return { state, effects: [{ kind: 'back' }] };
    case 'config': {
      const ask: Effect = { kind: 'ask', id: 'print', args: ['init', '--print'] };
      return on(state, { kind: 'config', file: { kind: 'asking' }, top: 0 }, [ask]);
    }
    case 'demo': {
      const ask: Effect = { kind: 'ask', id: 'demo', args: ['demo', demoFolder, '--no-open'] };
      return on(state, { kind: 'making', what: 'making the demo' }, [ask]);
    }
    case 'folder':
      return on(state, { kind: 'folder' });
    case 'needs':
      return on(state, { kind: 'needs' });
    case undefined:
      return { state };
  }
}

function on(state: WelcomeState, page: WelcomePage, effects: readonly Effect[] = []): Next {
  return { state: { ...state, page }, effects };
}

function onConfig(
  state: WelcomeState,
  page: Extract<WelcomePage, { kind: 'config' }>,
  action: string,
  context: Context,
): Next {
  if (page.file.kind !== 'shown') return { state };
  const { content } = page.file;
  if (action === 'write') {
    const ask: Effect = { kind: 'ask', id: 'write', args: ['init'] };
    return on(state, { ...page, file: { kind: 'writing', content } }, [ask]);
  }
  if (action === 'copy') return { state, effects: [{ kind: 'copy', text: content, what: 'the file' }] };
  const last = Math.max(0, content.split('\n').length + 4 - context.rows);
  const top = scrolled(action, { at: page.top, last, page: context.rows });
  return top === undefined ? { state } : on(state, { ...page, top });
}

function copied(state: WelcomeState): Next {
  const text = state.page.kind === 'needs' ? drizzleConfig : folderConfig;
  return { state, effects: [{ kind: 'copy', text, what: 'the lines' }] };
}

function heard(state: WelcomeState, event: RunEvent): WelcomeState {
  if (event.kind !== 'notice') return state;
  const { page } = state;
  if (page.kind === 'making') return { ...state, page: { ...page, what: event.message } };
  return page.kind === 'config' && page.file.kind === 'asking'
    ? { ...state, page: { ...page, file: { kind: 'shown', content: event.message } } }
    : state;
}

function ended(state: WelcomeState, { id, error }: Extract<Message, { kind: 'ended' }>): Next {
  if (error !== undefined) return on(state, { kind: 'failed', error });
  if (id === 'demo') return { state, effects: [{ kind: 'project', directory: demoFolder }] };
  if (id !== 'write') return { state };
  const said: Effect = { kind: 'say', level: 'info', text: 'migrate-tui.config.ts is written.' };
  return { state, effects: [{ kind: 'back' }, { kind: 'refresh' }, said] };
}
