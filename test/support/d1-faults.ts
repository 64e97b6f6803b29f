import type { D1Endpoint } from './d1-endpoint.ts';

/** What goes wrong with a request: before anything of it is run, or when it is carried out and only its answer is lost. */
export type D1Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: number;
      readonly message?: string;
      /** Seconds, for the header. */
      readonly retryAfter?: number;
      readonly when: 'before' | 'after';
    }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** The connection breaks, and the request is carried out when the test lets it arrive. */
  | { readonly kind: 'late' }
  /** Waits for the test's word: then it runs, is dropped, or runs and its answer is lost. */
  | { readonly kind: 'held'; readonly until: () => Promise<'run' | 'drop' | 'cut'> }
  /** Answered late, in milliseconds; it is run at once. */
  | { readonly kind: 'slow'; readonly milliseconds: number };

export interface D1FaultOptions {
  /** So many of the requests that it is for go through before; 0 unless told. */
  readonly after?: number;
  /** How many it hits; 1 unless told. */
  readonly times?: number;
  /** The requests that it is for: all, those that write, or those of one endpoint. */
  readonly on?: 'any' | 'write' | D1Endpoint;
}

/** The fault that a test switched on, until it has hit as often as it should. */
export class Faults {
  #waiting: { readonly fault: D1Fault; readonly on: string; before: number; times: number } | undefined;

  #met = false;

  set(fault: D1Fault, { after = 0, times = 1, on = 'any' }: D1FaultOptions): void {
    this.#met = false;
    this.#waiting = { fault, on, before: after, times };
  }

  clear(): void {
    this.#waiting = undefined;
  }

  /** Whether the last one that was set has hit a request. */
  get wasMet(): boolean {
    return this.#met;
  }

  get isOver(): boolean {
    return this.#waiting === undefined;
  }

  take(request: { readonly endpoint: D1Endpoint; readonly kind: 'read' | 'write' }): D1Fault | undefined {
    const waiting = this.#waiting;
    if (!waiting) return undefined;
    const { on } = waiting;
    if (on !== 'any' && on !== request.endpoint && !(on === 'write' && request.kind === 'write'))
      return undefined;
    if (waiting.before > 0) {
      waiting.before -= 1;
      return undefined;
    }
    this.#met = true;
    waiting.times -= 1;
    if (waiting.times <= 0) this.clear();
    return waiting.fault;
  }
}
