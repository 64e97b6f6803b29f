import type { Client, Listener } from '../client/client.ts';

/** The questions that are open, each by its name; a second one of a name replaces the first. */
export class Questions implements Disposable {
  readonly #client: Client;
  readonly #open = new Map<string, Disposable>();

  constructor(client: Client) {
    this.#client = client;
  }

  has(name: string): boolean {
    return this.#open.has(name);
  }

  read(name: string, args: readonly string[], listener: Listener): void {
    this.forget(name);
    const listening = this.#client.read(args, {
      onLine: listener.onLine,
      onEnd: (end) => {
        this.#open.delete(name);
        listener.onEnd(end);
      },
    });
    this.#open.set(name, listening);
  }

  /** The same after a rest, in milliseconds; nothing is started when it is forgotten before. */
  readAfter(rest: number, name: string, args: readonly string[], listener: Listener): void {
    this.forget(name);
    const timer = setTimeout(() => this.read(name, args, listener), rest);
    this.#open.set(name, { [Symbol.dispose]: () => clearTimeout(timer) });
  }

  /** Stops listening, and ends the child. */
  forget(name: string): void {
    this.#open.get(name)?.[Symbol.dispose]();
    this.#open.delete(name);
  }

  /** All of one screen. */
  forgetAll(owner: number): void {
    for (const name of this.#open.keys()) if (name.startsWith(`${owner}:`)) this.forget(name);
  }

  [Symbol.dispose](): void {
    for (const name of this.#open.keys()) this.forget(name);
  }
}
