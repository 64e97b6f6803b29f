import type { RunEvent } from '../../operations/events.ts';
import type { ChildEnd, Client, Listening } from '../client/client.ts';
import { isRehearsal } from '../present/rehearsal.ts';
import { asRunEvent } from '../client/documents.ts';
import { isOver, numberOf, type StartedRun } from './state.ts';

export interface RunListener {
  readonly onEvent: (event: RunEvent, run: StartedRun) => void;
  /** `environment`: the one that may be different now; undefined after a rehearsal, which changes none. */
  readonly onEnd: (end: ChildEnd, environment: string | undefined, run: StartedRun) => void;
}

/** The changes that this screen started. They go on whatever is on the screen. */
export class Runs implements Disposable {
  readonly #client: Client;
  /** Of each run that was started, in that order. */
  readonly #listening: Listening[] = [];
  #started: readonly StartedRun[] = [];

  constructor(client: Client) {
    this.#client = client;
  }

  get started(): readonly StartedRun[] {
    return this.#started;
  }

  /** Numbers of those that have not ended. */
  get going(): readonly number[] {
    const going = this.#started.filter((run) => run.ended === 'no' && !isOver(run));
    return going.flatMap((run) => numberOf(run) ?? []);
  }

  start(owner: number, id: string, args: readonly string[], listener: RunListener): void {
    const index = this.#started.length;
    const run: StartedRun = { owner, id, pid: undefined, events: [], ended: 'no' };
    this.#started = [...this.#started, run];
    const listening = this.#client.start(args, {
      onLine: (document) => {
        const event = asRunEvent(document);
        if (event === undefined) return;
        const known = this.#change(index, ({ events }) => ({ events: [...events, event] }));
        listener.onEvent(event, known);
      },
      onEnd: (end) => {
        const known = this.#change(index, () => ({ ended: { exitCode: end.exitCode } }));
        listener.onEnd(end, changedBy(known.events), known);
      },
    });
    this.#listening.push(listening);
    this.#change(index, () => ({ pid: listening.pid }));
  }

  stop(number: number, how: 'boundary' | 'process'): 'asked' | 'not-ours' {
    const index = this.#started.findIndex((one) => numberOf(one) === number && one.ended === 'no');
    const listening = this.#listening[index];
    if (listening?.pid === undefined) return 'not-ours';
    listening.stop(how === 'boundary' ? 'SIGINT' : 'SIGTERM');
    return 'asked';
  }

  [Symbol.dispose](): void {
    for (const listening of this.#listening) listening[Symbol.dispose]();
  }

  #change(index: number, change: (run: StartedRun) => Partial<StartedRun>): StartedRun {
    const run = this.#started[index];
    if (run === undefined) throw new Error(`No run was started as number ${index}.`);
    const changed = { ...run, ...change(run) };
    this.#started = this.#started.with(index, changed);
    return changed;
  }
}

function changedBy(events: readonly RunEvent[]): string | undefined {
  const started = events.find((event) => event.kind === 'started');
  return isRehearsal(events) ? undefined : started?.environment;
}
