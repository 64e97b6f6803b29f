import { unreachable } from '../../lib/unreachable.ts';
import type { Client, Listener } from '../client/client.ts';
import { asReport, asRunEvent } from '../client/documents.ts';
import type { Input } from '../keyboard/key.ts';
import type { Effect, Message, RememberedView, ScreenRequest } from '../screen.ts';
import { exportFile } from './export-file.ts';
import { firstState } from './first-state.ts';
import { handleInput, type KeyOutcome } from './keys.ts';
import { LogFile } from './log-file.ts';
import { Questions } from './questions.ts';
import { openScreen } from './registry.ts';
import { Runs } from './runs.ts';
import { contextOf, type AppState } from './state.ts';
import { Statuses, type Around } from './statuses.ts';
import { createStore, type Store } from './store.ts';
import type { Terminal } from './terminal.ts';

export interface AppOptions {
  readonly client: Client;
  readonly terminal: Terminal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly motion: 'full' | 'reduced';
  /** What was left on the last look at a project, by its root. */
  readonly memory: {
    readonly read: (root: string) => RememberedView | undefined;
    readonly write: (root: string, view: RememberedView) => void;
  };
  readonly onQuit: () => void;
  /** Leaves this project for another one. */
  readonly onProject: (directory: string) => void;
}

/** How long a message stays. */
const messageFor = 6000;

/** The screen without its drawing: a stack of screens, what they asked, and the keys that move them. */
export class App implements Disposable {
  readonly store: Store<AppState>;
  readonly runs: Runs;
  readonly #options: AppOptions;
  readonly #log: LogFile;
  readonly #questions: Questions;
  readonly #statuses: Statuses;
  #state: AppState;
  #nextKey = 1;
  #messageTimer: NodeJS.Timeout | undefined;
  #tick: { readonly every: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(options: AppOptions) {
    this.#options = options;
    const { terminal, now, motion } = options;
    this.#state = firstState({ ...terminal.size(), now: now(), motion });
    this.#questions = new Questions(options.client);
    this.#statuses = new Statuses(this.#aroundStatuses());
    this.store = createStore(this.#state);
    this.runs = new Runs(options.client);
    this.#log = new LogFile(options.client.log, (entries) => {
      this.#set({ log: { ...this.#state.log, entries } });
      this.#show();
    });
  }

  /** Shows the environments and asks all of them. */
  start(): void {
    this.#open({ screen: 'environments' });
    this.#statuses.ask(undefined);
    this.#show();
  }

  input(inputs: readonly Input[]): void {
    for (const input of inputs) {
      this.#now();
      const outcome = handleInput(this.#state, input);
      this.#state = outcome.state;
      for (const lead of outcome.leads) this.#follow(lead);
    }
    this.#show();
  }

  resized(): void {
    this.#set(this.#options.terminal.size());
    this.#show();
  }

  /** The terminal is going: every run that was started here stops at its next boundary. */
  stopRuns(): void {
    for (const run of this.#state.context.running) this.runs.stop(run, 'boundary');
  }

  [Symbol.dispose](): void {
    this.#remember();
    clearTimeout(this.#messageTimer);
    clearInterval(this.#tick?.timer);
    this.#questions[Symbol.dispose]();
    this.#log[Symbol.dispose]();
    this.runs[Symbol.dispose]();
  }

  #aroundStatuses(): Around {
    return {
      questions: this.#questions,
      context: () => {
        this.#now();
        return this.#state.context;
      },
      setContext: (context) => this.#set({ context }),
      tell: (message) => {
        for (const { key } of this.#state.stack) this.#send(key, message);
      },
      open: (request) => this.#open(request),
      complain: (text) => this.#say('error', text),
      show: () => this.#show(),
      viewLeft: (root) => this.#options.memory.read(root),
    };
  }

  /** Where the person was, for the next look; nothing where no project was found. */
  #remember(): void {
    const { opening } = this.#state.context;
    const view = this.#state.stack[0]?.remember(contextOf(this.#state));
    if (opening !== undefined && opening.environments.length > 0 && view !== undefined) {
      this.#options.memory.write(opening.root, view);
    }
  }

  #follow(lead: KeyOutcome['leads'][number]): void {
    switch (lead.kind) {
      case 'send':
        return this.#send(lead.to, lead.message);
      case 'effect':
        return this.#perform(lead.owner, lead.effect);
      case 'suspend':
        void this.#options.terminal.suspend().then(() => this.resized());
        return;
      case 'interrupt':
        return this.#interrupt();
      case 'log':
        return this.#log.follow(lead.follow);
      default:
        return unreachable(lead);
    }
  }

  /** Moves a screen on, if it is still there, and does what it asks for. */
  #send(key: number, message: Message): void {
    const index = this.#state.stack.findIndex((mounted) => mounted.key === key);
    const mounted = this.#state.stack[index];
    if (mounted === undefined) return;
    const moved = mounted.send(message, contextOf(this.#state));
    this.#set({ stack: this.#state.stack.with(index, moved.mounted) });
    for (const effect of moved.effects) this.#perform(key, effect);
  }

  /** From a child or a timer: the same, and shown at once. */
  #arrive(key: number, message: Message): void {
    this.#now();
    this.#send(key, message);
    this.#show();
  }

  #perform(owner: number, effect: Effect): void {
    switch (effect.kind) {
      case 'ask':
        return this.#ask(owner, effect);
      case 'follow':
        return this.#ask(owner, { ...effect, kind: 'ask', args: ['show', String(effect.run), '--follow'] });
      case 'start':
        return this.#start(owner, effect);
      case 'stop':
        return this.#stop(effect.run, effect.how);
      case 'forget':
        return this.#questions.forget(`${owner}:${effect.id}`);
      case 'refresh':
        return this.#statuses.ask(effect.environments);
      case 'open':
        return this.#open(effect.request);
      case 'replace':
        this.#close(owner);
        return this.#open(effect.request);
      case 'back':
        return this.#back(owner);
      case 'home':
        for (const { key } of this.#state.stack.slice(1)) this.#close(key);
        return this.#shown();
      case 'database':
        return this.#set({ context: { ...this.#state.context, database: effect.name } });
      case 'say':
        return this.#say(effect.level, effect.text);
      case 'copy':
        this.#options.terminal.copy(effect.text);
        return this.#say('info', `Copied ${effect.what}.`);
      case 'export':
        return this.#export(effect);
      case 'edit':
        return this.#edit(effect.file, effect.line);
      case 'project':
        return this.#options.onProject(effect.directory);
      case 'quit':
        return this.#options.onQuit();
      default:
        return unreachable(effect);
    }
  }

  #ask(owner: number, { id, args, after }: Extract<Effect, { kind: 'ask' }>): void {
    const listener = this.#listenerOf(owner, id);
    if (after === undefined) this.#questions.read(`${owner}:${id}`, args, listener);
    else this.#questions.readAfter(after, `${owner}:${id}`, args, listener);
  }

  #listenerOf(owner: number, id: string): Listener {
    return {
      onLine: (document) => {
        const message = messageOf(id, document);
        if (message) this.#arrive(owner, message);
      },
      onEnd: (end) => this.#arrive(owner, { kind: 'ended', id, ...end }),
    };
  }

  #start(owner: number, { id, args }: Extract<Effect, { kind: 'start' }>): void {
    this.runs.start(owner, id, args, {
      onEvent: (event) => {
        this.#knowRuns();
        this.#arrive(owner, { kind: 'event', id, event });
      },
      onEnd: (end, environment) => {
        this.#knowRuns();
        if (environment !== undefined) this.#statuses.ask([environment]);
        this.#arrive(owner, { kind: 'ended', id, ...end });
      },
    });
    this.#knowRuns();
  }

  #knowRuns(): void {
    const { started, going } = this.runs;
    this.#set({ runs: started, context: { ...this.#state.context, running: going } });
  }

  #stop(run: number, how: 'boundary' | 'process'): void {
    if (this.runs.stop(run, how) === 'not-ours') {
      this.#say('error', `Run ${run} was not started from this screen: it is stopped where it was started.`);
    }
  }

  #interrupt(): void {
    const { running } = this.#state.context;
    if (running.length === 0) return this.#options.onQuit();
    for (const run of running) this.#stop(run, 'boundary');
    this.#say('info', `Run ${running.join(' and ')} stops at its next boundary.`);
  }

  #open(request: ScreenRequest): void {
    const key = this.#nextKey++;
    const { mounted, effects } = openScreen(request, { key, context: contextOf(this.#state) });
    this.#set({ stack: [...this.#state.stack, mounted] });
    for (const effect of effects) this.#perform(key, effect);
  }

  #back(owner: number): void {
    if (this.#state.stack.length <= 1) return;
    this.#close(owner);
    this.#shown();
  }

  #close(key: number): void {
    this.#set({ stack: this.#state.stack.filter((mounted) => mounted.key !== key) });
    this.#questions.forgetAll(key);
  }

  #shown(): void {
    const top = this.#state.stack.at(-1);
    if (top) this.#send(top.key, { kind: 'shown' });
  }

  #say(level: 'info' | 'error', text: string): void {
    clearTimeout(this.#messageTimer);
    this.#set({ message: { level, text } });
    if (level === 'error') return;
    this.#messageTimer = setTimeout(() => {
      this.#set({ message: undefined });
      this.#show();
    }, messageFor);
  }

  #export({ name, content }: Extract<Effect, { kind: 'export' }>): void {
    const { level, text } = exportFile(this.#state.context.opening?.root ?? process.cwd(), name, content);
    this.#say(level, text);
  }

  #edit(file: string, line: number): void {
    void this.#options.terminal.edit(file, line).then((problem) => {
      if (problem !== undefined) this.#say('error', problem);
      this.#statuses.ask(undefined);
      this.resized();
    });
  }

  #now(): void {
    const now = this.#options.now();
    if (now !== this.#state.context.now) this.#set({ context: { ...this.#state.context, now } });
  }

  #set(part: Partial<AppState>): void {
    this.#state = { ...this.#state, ...part };
  }

  /** Tells the drawing, once for all that happened, and sets the clock that the screen on top wants. */
  #show(): void {
    this.#state = { ...this.#state, context: contextOf(this.#state) };
    this.store.set(this.#state);
    const every = this.#state.stack.at(-1)?.ticks();
    if (every === this.#tick?.every) return;
    clearInterval(this.#tick?.timer);
    this.#tick = every === undefined ? undefined : { every, timer: setInterval(() => this.#ticked(), every) };
  }

  #ticked(): void {
    const top = this.#state.stack.at(-1);
    if (top) this.#arrive(top.key, { kind: 'tick' });
  }
}

function messageOf(id: string, document: unknown): Message | undefined {
  const report = asReport(document);
  if (report) return { kind: 'answer', id, report };
  const event = asRunEvent(document);
  return event && { kind: 'event', id, event };
}
