import type { Client, Listener } from '../client/client.ts';
import { asReport, asRunEvent } from '../client/documents.ts';
import type { Effect, Message } from '../screen.ts';
import { Questions } from './questions.ts';
import { Runs } from './runs.ts';
import { endOf, silentEndOf, type SaidEnd } from './run-end.ts';
import type { Shown } from './shown.ts';

export interface ChildrenOptions {
  readonly client: Client;
  readonly shown: Shown;
  /** What a child said, for the screen that asked. */
  readonly arrive: (key: number, message: Message) => void;
  /** A run may have changed this environment. */
  readonly onChanged: (environment: string) => void;
  /** A run ended while its page was not the one that is looked at. */
  readonly onUnseen: (end: SaidEnd) => void;
}

/** The processes that screens started: questions, and runs that go on whatever is on the screen. */
export class Children implements Disposable {
  readonly questions: Questions;
  readonly runs: Runs;
  readonly #options: ChildrenOptions;

  constructor(options: ChildrenOptions) {
    this.#options = options;
    this.questions = new Questions(options.client);
    this.runs = new Runs(options.client);
  }

  ask(owner: number, { id, args, after }: Omit<Extract<Effect, { kind: 'ask' }>, 'kind'>): void {
    const listener = this.#listenerOf(owner, id);
    if (after === undefined) this.questions.read(`${owner}:${id}`, args, listener);
    else this.questions.readAfter(after, `${owner}:${id}`, args, listener);
  }

  start(owner: number, { id, args }: Extract<Effect, { kind: 'start' }>): void {
    const { arrive, onChanged } = this.#options;
    this.runs.start(owner, id, args, {
      onEvent: (event, run) => {
        this.#knowRuns();
        this.#tellUnseen(owner, endOf(run, event));
        arrive(owner, { kind: 'event', id, event });
      },
      onEnd: (end, environment, run) => {
        this.#knowRuns();
        if (environment !== undefined) onChanged(environment);
        this.#tellUnseen(owner, silentEndOf(run));
        arrive(owner, { kind: 'ended', id, ...end });
      },
    });
    this.#knowRuns();
  }

  [Symbol.dispose](): void {
    this.questions[Symbol.dispose]();
    this.runs[Symbol.dispose]();
  }

  #listenerOf(owner: number, id: string): Listener {
    const { arrive } = this.#options;
    return {
      onLine: (document) => {
        const message = messageOf(id, document);
        if (message) arrive(owner, message);
      },
      onEnd: (end) => arrive(owner, { kind: 'ended', id, ...end }),
    };
  }

  /** Whoever went on to another page asked for the run all the same. */
  #tellUnseen(owner: number, end: SaidEnd | undefined): void {
    const { shown, onUnseen } = this.#options;
    if (end && shown.state.stack.at(-1)?.key !== owner) onUnseen(end);
  }

  #knowRuns(): void {
    const { shown } = this.#options;
    const { started, going } = this.runs;
    shown.set({ runs: started, context: { ...shown.state.context, running: going } });
  }
}

function messageOf(id: string, document: unknown): Message | undefined {
  const report = asReport(document);
  if (report) return { kind: 'answer', id, report };
  const event = asRunEvent(document);
  return event && { kind: 'event', id, event };
}
