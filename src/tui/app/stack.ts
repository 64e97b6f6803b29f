import type { Effect, Message, ScreenRequest } from '../screen.ts';
import { openScreen } from './registry.ts';
import type { Shown } from './shown.ts';

export interface StackOptions {
  readonly shown: Shown;
  /** Does what a screen asks for. */
  readonly perform: (owner: number, effect: Effect) => void;
  /** A screen is gone: what it asked is of no use any more. */
  readonly onClosed: (key: number) => void;
}

/** The screens that lie on each other; keys reach the one on top. */
export class ScreenStack {
  readonly #options: StackOptions;
  #nextKey = 1;

  constructor(options: StackOptions) {
    this.#options = options;
  }

  open(request: ScreenRequest): void {
    const { shown, perform } = this.#options;
    const key = this.#nextKey++;
    const { mounted, effects } = openScreen(request, { key, context: shown.context });
    shown.set({ stack: [...shown.state.stack, mounted] });
    for (const effect of effects) perform(key, effect);
  }

  /** Puts another screen in the place of this one. */
  replace(key: number, request: ScreenRequest): void {
    this.#close(key);
    this.open(request);
  }

  /** Closes a screen, unless it is the last. */
  back(key: number): void {
    if (this.#options.shown.state.stack.length <= 1) return;
    this.#close(key);
    this.#uncovered();
  }

  /** Closes all but the first. */
  home(): void {
    for (const { key } of this.#options.shown.state.stack.slice(1)) this.#close(key);
    this.#uncovered();
  }

  /** Moves a screen on, if it is still there, and does what it asks for. */
  send(key: number, message: Message): void {
    const { shown, perform } = this.#options;
    const { stack } = shown.state;
    const index = stack.findIndex((mounted) => mounted.key === key);
    const mounted = stack[index];
    if (mounted === undefined) return;
    const moved = mounted.send(message, shown.context);
    shown.set({ stack: stack.with(index, moved.mounted) });
    for (const effect of moved.effects) perform(key, effect);
  }

  sendAll(message: Message): void {
    for (const { key } of this.#options.shown.state.stack) this.send(key, message);
  }

  /** From a child or a timer: the same, and shown at once. */
  arrive(key: number, message: Message): void {
    const { shown } = this.#options;
    shown.now();
    this.send(key, message);
    shown.show();
  }

  tick(): void {
    const top = this.#options.shown.state.stack.at(-1);
    if (top) this.arrive(top.key, { kind: 'tick' });
  }

  #close(key: number): void {
    const { shown, onClosed } = this.#options;
    shown.set({ stack: shown.state.stack.filter((mounted) => mounted.key !== key) });
    onClosed(key);
  }

  #uncovered(): void {
    const top = this.#options.shown.state.stack.at(-1);
    if (top) this.send(top.key, { kind: 'shown' });
  }
}
