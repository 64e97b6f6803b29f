import type { Context } from '../screen.ts';
import { firstState } from './first-state.ts';
import { contextOf, type AppState } from './state.ts';
import { createStore, type Store } from './store.ts';
import type { Terminal } from './terminal.ts';

export interface ShownOptions {
  readonly terminal: Terminal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly motion: Context['motion'];
  /** Flags for the commands that are named to the person; none unless said. */
  readonly place?: Context['place'];
  /** The screen on top wants to be drawn anew. */
  readonly onTick: () => void;
}

/** The state of the screen: changed piece by piece, and drawn once for all that happened. */
export class Shown implements Disposable {
  readonly store: Store<AppState>;
  readonly #options: ShownOptions;
  #state: AppState;
  #tick: { readonly every: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(options: ShownOptions) {
    const { terminal, now, motion, place = '' } = options;
    this.#options = options;
    this.#state = firstState({ ...terminal.size(), now: now(), motion, place });
    this.store = createStore(this.#state);
  }

  get state(): AppState {
    return this.#state;
  }

  get context(): Context {
    return contextOf(this.#state);
  }

  set(part: Partial<AppState>): void {
    this.#state = { ...this.#state, ...part };
  }

  /** Looks at the clock: what happens next happens now. */
  now(): void {
    const { context } = this.#state;
    const now = this.#options.now();
    if (now !== context.now) this.set({ context: { ...context, now } });
  }

  resized(): void {
    this.set(this.#options.terminal.size());
    this.show();
  }

  /** Tells the drawing, and sets the clock that the screen on top wants. */
  show(): void {
    this.set({ context: this.context });
    this.store.set(this.#state);
    const every = this.#wanted();
    if (every === this.#tick?.every) return;
    clearInterval(this.#tick?.timer);
    const { onTick } = this.#options;
    this.#tick = every === undefined ? undefined : { every, timer: setInterval(onTick, every) };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#tick?.timer);
  }

  /** With reduced motion nothing moves more than once a second. */
  #wanted(): number | undefined {
    const every = this.#state.stack.at(-1)?.ticks();
    const least = this.#options.motion === 'reduced' ? 1000 : 0;
    return every === undefined ? undefined : Math.max(every, least);
  }
}
