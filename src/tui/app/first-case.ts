import type { StatusReport } from '../../operations/reports.ts';
import { isHalfFinished } from './jobs.ts';

/** Milliseconds that the environments stay in sight before what is half-finished is opened: to know where one is. */
const rest = 1000;

/**
 * Shows the ways out of the first environment that turns out to be half-finished, once and by itself: whoever starts
 * the program for that has not to look for it. A key says that the person is on a way of their own.
 */
export class FirstCase implements Disposable {
  readonly #open: (environment: string) => void;
  #state: 'waiting' | NodeJS.Timeout | 'over' = 'waiting';

  constructor(open: (environment: string) => void) {
    this.#open = open;
  }

  answered({ environments }: StatusReport): void {
    const found = environments.find((status) => isHalfFinished({ status }));
    if (this.#state !== 'waiting' || found === undefined) return;
    this.#state = setTimeout(() => {
      this.#state = 'over';
      this.#open(found.name);
    }, rest);
  }

  [Symbol.dispose](): void {
    if (typeof this.#state === 'object') clearTimeout(this.#state);
    this.#state = 'over';
  }
}
