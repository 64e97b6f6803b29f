import type { Shown } from './shown.ts';

/** How long a message stays, in milliseconds. */
const messageFor = 6000;

/** The one message above the footer: gone after a while, an error at the next key. */
export class MessageLine implements Disposable {
  readonly #shown: Shown;
  #timer: NodeJS.Timeout | undefined;

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  say(level: 'info' | 'error', text: string): void {
    clearTimeout(this.#timer);
    this.#shown.set({ message: { level, text } });
    if (level === 'error') return;
    this.#timer = setTimeout(() => {
      this.#shown.set({ message: undefined });
      this.#shown.show();
    }, messageFor);
  }

  /** What would have gone by itself goes at once; an error stays until a key. */
  over(): void {
    if (this.#shown.state.message?.level !== 'info') return;
    clearTimeout(this.#timer);
    this.#shown.set({ message: undefined });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
