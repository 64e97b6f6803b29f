import { unreachable } from '../../lib/unreachable.ts';
import { sentences } from '../../lib/sentences.ts';
import type { Client } from '../client/client.ts';
import { asReport } from '../client/documents.ts';
import type { Input } from '../keyboard/key.ts';
import type { Effect, RememberedView } from '../screen.ts';
import { Children } from './children.ts';
import { exportFile } from './export-file.ts';
import { FirstCase } from './first-case.ts';
import { handleInput, type KeyOutcome } from './keys.ts';
import { LogFile } from './log-file.ts';
import { MessageLine } from './message-line.ts';
import { Shown } from './shown.ts';
import { ScreenStack } from './stack.ts';
import type { AppState } from './state.ts';
import { Statuses } from './statuses.ts';
import type { Store } from './store.ts';
import type { Terminal } from './terminal.ts';

export interface AppOptions {
  readonly client: Client;
  readonly terminal: Terminal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly motion: 'full' | 'reduced';
  /** Flags for the commands that are named to the person: where the project is. */
  readonly place: string;
  /** What was left on the last look at a project, by its root. */
  readonly memory: {
    readonly read: (root: string) => RememberedView | undefined;
    readonly write: (root: string, view: RememberedView) => void;
  };
  readonly onQuit: () => void;
  /** Leaves this project for another one. */
  readonly onProject: (directory: string) => void;
}

/** The screen without its drawing: keys and children move the screens, and what those ask for is done here. */
export class App implements Disposable {
  readonly #options: AppOptions;
  readonly #shown: Shown;
  readonly #stack: ScreenStack;
  readonly #children: Children;
  readonly #statuses: Statuses;
  readonly #message: MessageLine;
  readonly #log: LogFile;
  readonly #firstCase: FirstCase;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#shown = new Shown({ ...options, onTick: () => this.#stack.tick() });
    this.#message = new MessageLine(this.#shown);
    this.#children = new Children({
      client: options.client,
      shown: this.#shown,
      arrive: (key, message) => this.#stack.arrive(key, message),
      onChanged: (environment) => this.#statuses.ask([environment]),
      onUnseen: ({ level, text }) => this.#message.say(level, text),
    });
    this.#stack = new ScreenStack({
      shown: this.#shown,
      perform: (owner, effect) => this.#perform(owner, effect),
      onClosed: (key) => this.#children.questions.forgetAll(key),
    });
    this.#firstCase = new FirstCase((environment) => this.#showCase(environment));
    this.#statuses = this.#openStatuses();
    this.#log = new LogFile(options.client.log, (entries) => {
      this.#shown.set({ log: { ...this.#shown.state.log, entries } });
      this.#shown.show();
    });
  }

  get store(): Store<AppState> {
    return this.#shown.store;
  }

  /** Shows the environments and asks all of them. */
  start(): void {
    this.#stack.open({ screen: 'environments' });
    this.#statuses.ask(undefined);
    this.#shown.show();
  }

  input(inputs: readonly Input[]): void {
    this.#firstCase[Symbol.dispose]();
    for (const input of inputs) {
      this.#shown.now();
      const outcome = handleInput(this.#shown.state, input);
      this.#shown.set(outcome.state);
      for (const lead of outcome.leads) this.#follow(lead);
    }
    this.#shown.show();
  }

  resized(): void {
    this.#shown.resized();
  }

  /** The terminal is going: every run that was started here stops at its next boundary. */
  stopRuns(): void {
    for (const run of this.#shown.state.context.running) this.#children.runs.stop(run, 'boundary');
  }

  [Symbol.dispose](): void {
    this.#remember();
    const parts = [this.#firstCase, this.#message, this.#shown, this.#log, this.#children];
    for (const part of parts) part[Symbol.dispose]();
  }

  #openStatuses(): Statuses {
    const shown = this.#shown;
    return new Statuses({
      questions: this.#children.questions,
      context: () => {
        shown.now();
        return shown.state.context;
      },
      setContext: (context) => shown.set({ context }),
      tell: (message) => this.#stack.sendAll(message),
      open: (request) => this.#stack.open(request),
      answered: (report) => this.#firstCase.answered(report),
      complain: (text) => this.#message.say('error', text),
      show: () => shown.show(),
      viewLeft: (root) => this.#options.memory.read(root),
    });
  }

  /** Unless something else is on top that wants to be seen first. */
  #showCase(environment: string): void {
    if (this.#shown.state.stack.length > 1) return;
    this.#shown.now();
    this.#stack.open({ screen: 'recovery', environment });
    this.#shown.show();
  }

  /** Where the person was, for the next look; nothing where no project was found. */
  #remember(): void {
    const { state, context } = this.#shown;
    const view = state.stack[0]?.remember(context);
    if (context.opening !== undefined && context.opening.environments.length > 0 && view !== undefined) {
      this.#options.memory.write(context.opening.root, view);
    }
  }

  #follow(lead: KeyOutcome['leads'][number]): void {
    switch (lead.kind) {
      case 'send':
        return this.#stack.send(lead.to, lead.message);
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

  #perform(owner: number, effect: Effect): void {
    switch (effect.kind) {
      case 'ask':
        return this.#children.ask(owner, effect);
      case 'follow':
        return this.#children.ask(owner, { id: effect.id, args: ['show', String(effect.run), '--follow'] });
      case 'start':
        return this.#children.start(owner, effect);
      case 'stop':
        return this.#stop(effect.run, effect.how);
      case 'forget':
        return this.#children.questions.forget(`${owner}:${effect.id}`);
      case 'refresh':
        return this.#statuses.ask(effect.environments);
      case 'open':
        return this.#stack.open(effect.request);
      case 'replace':
        // What was said of the page that goes is of no use beside the next one.
        this.#message.over();
        return this.#stack.replace(owner, effect.request);
      case 'back':
        return this.#stack.back(owner);
      case 'home':
        return this.#stack.home();
      case 'database':
        return this.#shown.set({ context: { ...this.#shown.state.context, database: effect.name } });
      case 'say':
        return this.#message.say(effect.level, effect.text);
      case 'copy':
        this.#options.terminal.copy(effect.text);
        return this.#message.say('info', `Copied ${effect.what}.`);
      case 'export':
        return this.#export(effect);
      case 'report':
        return this.#report(effect);
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

  #stop(run: number, how: 'boundary' | 'process'): void {
    if (this.#children.runs.stop(run, how) === 'not-ours') {
      const text = `Run ${run} was not started from this screen: it is stopped where it was started.`;
      this.#message.say('error', text);
    }
  }

  #interrupt(): void {
    const { running } = this.#shown.state.context;
    if (running.length === 0) return this.#options.onQuit();
    for (const run of running) this.#stop(run, 'boundary');
    this.#message.say('info', `Run ${running.join(' and ')} stops at its next boundary.`);
  }

  #export({ name, content }: Extract<Effect, { kind: 'export' }>): void {
    const root = this.#shown.state.context.opening?.root ?? process.cwd();
    const { level, text } = exportFile(root, name, content);
    this.#message.say(level, text);
  }

  /** Whatever is on the screen by then: the file is the person's, not the page's. */
  #report({ args, name }: Extract<Effect, { kind: 'report' }>): void {
    this.#message.say('info', 'The report is being put together.');
    this.#children.questions.read(`report:${name}`, args, {
      onLine: (document) => {
        const report = asReport(document);
        if (report?.kind !== 'incident-report') return;
        this.#export({ kind: 'export', name, content: report.markdown });
        this.#shown.show();
      },
      onEnd: ({ error }) => {
        if (error === undefined) return;
        this.#message.say('error', sentences(error));
        this.#shown.show();
      },
    });
  }

  #edit(file: string, line: number): void {
    void this.#options.terminal.edit(file, line).then((problem) => {
      if (problem !== undefined) this.#message.say('error', problem);
      this.#statuses.ask(undefined);
      this.resized();
    });
  }
}
