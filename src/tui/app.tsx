import { Box, useApp } from 'ink';
import { useEffect, useMemo, useSyncExternalStore, type ReactElement } from 'react';
import { age } from '../lib/time.ts';
import type { Signs } from '../lib/signs.ts';
import { helpLines, keysShown } from './app/help.ts';
import { keysOf } from './app/keys.ts';
import { isLogKey } from './app/log-keys.ts';
import { logLines } from './app/log-view.ts';
import type { KeyRow } from './app/mounted.ts';
import { paletteLines } from './app/palette.ts';
import { bodyRows, contextOf, logRows, type AppState } from './app/state.ts';
import type { Store } from './app/store.ts';
import { Footer, type FooterKey } from './components/footer.tsx';
import { Header, rightForms } from './components/header.tsx';
import { LongMessage, MessageRow, type Message } from './components/message-row.tsx';
import { Lines } from './components/text.tsx';
import { say, type Line } from './present/line.ts';
import { wrapped } from './present/width.ts';
import type { HeaderView } from './screen.ts';
import { SignsContext, useSigns } from './signs.ts';
import { ThemeContext, themeOf } from './theme.ts';

/** Gives the terminal away while something else uses it, and draws everything anew afterwards. */
export type Lend = (use: () => Promise<void>) => Promise<void>;

/** The whole screen: header, the screen on top of the stack, what lies over it, message and footer. */
export function AppView({
  store,
  signs,
  onLend,
}: {
  readonly store: Store<AppState>;
  readonly signs: Signs;
  /** Called once, with what only a mounted view can do. */
  readonly onLend: (lend: Lend) => void;
}): ReactElement {
  const { suspendTerminal } = useApp();
  useEffect(() => onLend((use) => suspendTerminal(use)), [onLend, suspendTerminal]);
  return (
    <SignsContext value={signs}>
      <Themed store={store} />
    </SignsContext>
  );
}

/** The project's own theme, once its configuration was read. */
function Themed({ store }: { readonly store: Store<AppState> }): ReactElement {
  const state = useSyncExternalStore(store.subscribe, store.get);
  const choice = state.context.opening?.theme;
  const theme = useMemo(() => themeOf(choice), [choice]);
  return (
    <ThemeContext value={theme}>
      <Frame state={state} />
    </ThemeContext>
  );
}

function Frame({ state }: { readonly state: AppState }): ReactElement {
  const { columns, rows } = state;
  if (columns < leastSize.columns || rows < leastSize.rows) return <TooSmall state={state} />;
  const context = contextOf(state);
  const top = state.stack.at(-1);
  const message = { message: messageOf(state), width: columns, height: rows };
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      {top ? <Top state={state} view={top.header(context)} /> : null}
      {bodyRows(state) > 0 ? (
        <Box height={context.rows} flexDirection="column" overflowY="hidden" flexShrink={0}>
          {top?.view(context)}
        </Box>
      ) : null}
      <Log state={state} />
      <MessageRow {...message} />
      <Footer keys={footerKeys(footerRows(state), columns)} width={columns} />
      <OverlayView state={state} />
      <LongMessage {...message} />
    </Box>
  );
}

function Top({ state, view }: { readonly state: AppState; readonly view: HeaderView }): ReactElement {
  const { opening } = state.context;
  const path = view.tabs ? [tabsOf(view.tabs)] : view.path;
  const content = {
    project: opening?.project ?? '',
    branch: opening?.branch,
    path,
    right: rightForms(view.right),
  };
  return <Header {...content} width={state.columns} />;
}

function tabsOf({ names, current }: NonNullable<HeaderView['tabs']>): Line {
  return names.flatMap((name, index) => [
    say(index === 0 ? '' : ' '),
    name === current ? say(`[${name}]`, 'strong') : say(name, 'dim'),
  ]);
}

function messageOf({ message }: AppState): Message | undefined {
  return message && { kind: message.level === 'error' ? 'error' : 'note', text: message.text };
}

/** While letters are text, those that would be keys are left out: they are no keys now. An open log has its own. */
function footerRows(state: AppState): readonly KeyRow[] {
  const typing = state.stack.at(-1)?.listens() === 'text';
  return keysOf(state).filter(
    ({ keys }) =>
      (!typing || keys.some((name) => name.length > 1)) && !keys.some((name) => isLogKey(state, name)),
  );
}

/** The most wanted first; what cannot work now stands at the right end with its reason. */
function footerKeys(rows: readonly KeyRow[], width: number): readonly FooterKey[] {
  return rows
    .filter(({ footer }) => footer !== undefined)
    .toSorted((a, b) => (a.footer ?? 0) - (b.footer ?? 0))
    .map(({ keys, action, label, blocked, footer }) => ({
      key: keysShown(keys).includes('-') && keys.length > 2 ? keysShown(keys) : (keys[0] ?? ''),
      // Where it is narrow the reason alone says enough: `d: finish dev first`.
      label: blocked !== undefined && width < 100 ? '' : label,
      blocked,
      // From a field where letters are text, tab is the way to the keys; how to stop a run is looked for in a hurry.
      keep: ['help', 'pane', 'stop'].includes(action) ? 'always' : undefined,
      place: blocked !== undefined || (footer ?? 0) >= 100 ? 'end' : 'start',
    }));
}

function Log({ state }: { readonly state: AppState }): ReactElement | null {
  const signs = useSigns();
  const height = logRows(state);
  const { log, columns } = state;
  const lines = useMemo(
    () => (height === 0 ? [] : logLines(signs, log, { width: columns, height })),
    [signs, log, columns, height],
  );
  if (height === 0) return null;
  return (
    <Box height={height} flexShrink={0} overflowY="hidden">
      <Lines lines={lines} />
    </Box>
  );
}

function OverlayView({ state }: { readonly state: AppState }): ReactElement | null {
  const signs = useSigns();
  const { overlay, columns, rows } = state;
  if (overlay.kind === 'none') return null;
  // As wide as the terminal: beside it, rows of the page behind would be cut in the middle of a word.
  const size = { width: columns, height: rows - 3 };
  const name = state.stack.at(-1)?.name ?? '';
  const lines =
    overlay.kind === 'help'
      ? helpLines(signs, { name: name.replaceAll('-', ' '), rows: keysOf(state), help: overlay, ...size })
      : paletteLines(signs, { context: contextOf(state), palette: overlay, ...size });
  return (
    <Box position="absolute" top={1} left={0} width={size.width}>
      <Lines lines={lines} />
    </Box>
  );
}

const leastSize = { columns: 40, rows: 10 };

/** Where there is no room for a table: one sentence, never a crash. */
function TooSmall({ state }: { readonly state: AppState }): ReactElement {
  const { context, columns, rows } = state;
  const worst = [...context.environments.values()].flatMap(({ name, status }) => {
    const found = status?.targets.flatMap(({ state: states }) => states).find((one) => one !== 'current');
    return found === undefined ? [] : [`${name} is ${found}`];
  });
  const what = worst.length > 0 ? worst.slice(0, 2).join(', ') : `read ${readAge(state)} ago`;
  const text = `${context.opening?.project ?? 'migrate-tui'}: ${what}. ${largerWindow(columns, rows)}`;
  return (
    <Box width={columns} height={rows} overflowY="hidden">
      <Lines lines={wrapped(text, columns).map((row) => [say(row)])} />
    </Box>
  );
}

function largerWindow(columns: number, rows: number): string {
  if (rows >= leastSize.rows) return 'Widen the window.';
  return columns >= leastSize.columns ? 'Make the window higher.' : 'Make the window larger.';
}

function readAge({ context }: AppState): string {
  const times = [...context.environments.values()].flatMap(({ readAt }) => readAt ?? []);
  return times.length === 0 ? '0 s' : age(new Date(Math.min(...times)).toISOString(), new Date(context.now));
}
