import type { ComponentType } from 'react';
import type { MigrateErrorView } from './client/error.ts';
import type { SqlOf } from './present/migration-sql.ts';
import type { Key } from './keyboard/key.ts';
import type { AccountOfTable } from '../operations/consent/account.ts';
import type { RunEvent } from '../operations/events.ts';
import type { DriftBase } from '../operations/questions.ts';
import type {
  RecoveryCase,
  RecoveryOption,
  Report,
  StatusEnvironment,
  StatusOpening,
  StatusReport,
} from '../operations/reports.ts';

/**
 * One screen, as data and pure functions; the app owns the terminal, the processes and the time.
 *
 * The app keeps a stack of screens. It draws header, message row and footer from what is declared here and
 * gives the body to `View`. Keys reach a screen through its bindings: the app looks a key up, refuses it with
 * the binding's reason or sends `{ kind: 'action' }` to `reduce`. What reduce cannot do itself (ask, start,
 * open, copy, quit) it returns as effects; what comes of them arrives as further messages.
 */
export interface Screen<State, Request> {
  readonly name: ScreenName;
  /** The first state and what to ask; runs when the screen is put on the stack. */
  open(request: Request, context: Context): Step<State>;
  reduce(state: State, message: Message, context: Context): Step<State>;
  readonly bindings: readonly Binding<State>[];
  header(state: State, context: Context): HeaderView;
  /** `text`: letters are text and reach `reduce` as `key` messages; only esc, enter, tab and ctrl keys are looked up. */
  listens?(state: State): 'keys' | 'text';
  /** Milliseconds between two `tick` messages (and redraws); undefined while nothing on the screen moves. */
  ticks?(state: State): number | undefined;
  /** What the next look at this project begins with. */
  remember?(state: State, context: Context): RememberedView;
  /** The body: exactly `context.columns` × `context.rows` cells are free for it. */
  readonly View: ComponentType<ViewProps<State>>;
}

/** Where the person was: never a secret, never that anything may be written. */
export interface RememberedView {
  readonly database: string | undefined;
  readonly environment: string | undefined;
  readonly shows: 'exceptions' | 'all';
  readonly row: string;
}

export interface ViewProps<State> {
  readonly state: State;
  readonly context: Context;
}

export interface Step<State> {
  readonly state: State;
  readonly effects?: readonly Effect[];
}

/** What every screen may know besides its own state. A new object only when something in it changed. */
export interface Context {
  /** Cells of the body: header, message row and footer are already taken off the terminal's rows. */
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since 1970, as of the last message or tick. */
  readonly now: number;
  readonly motion: 'full' | 'reduced';
  /** What commands that are named to the person say of where the project is: ` --project DIR`, or nothing. */
  readonly place: string;
  /** Undefined until the command line's first line arrived. */
  readonly opening: StatusOpening | undefined;
  /** Why nothing could be read at all: no project, or a configuration that is not usable. */
  readonly failure: MigrateErrorView | undefined;
  /** The last known status, per environment. */
  readonly environments: ReadonlyMap<string, KnownEnvironment>;
  /** The database that the header marks; `[` and `]` change it. */
  readonly database: string | undefined;
  /** Run numbers started from this screen that have not ended. */
  readonly running: readonly number[];
}

/** An environment's last answer, and whether a newer one is being waited for. */
export interface KnownEnvironment {
  readonly name: string;
  readonly protected: boolean;
  readonly readOnly: boolean;
  readonly status: StatusEnvironment | undefined;
  /** When `status` was read, in milliseconds since 1970. */
  readonly readAt: number | undefined;
  readonly asking: 'no' | { readonly since: number };
  /** The last answer that named its migrations, while `status` says that it does not answer. */
  readonly before: { readonly status: StatusEnvironment; readonly readAt: number } | undefined;
}

/** What reaches `reduce`. */
export type Message =
  /** A key of the screen's bindings that is not blocked. */
  | { readonly kind: 'action'; readonly action: string; readonly key: Key }
  /** A key that no binding names, or any letter while the screen listens to text. */
  | { readonly kind: 'key'; readonly key: Key }
  /** Bracketed paste; the screen decides, a confirmation refuses it. */
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'answer'; readonly id: string; readonly report: Report }
  /** A line of `status --stream`. */
  | { readonly kind: 'status'; readonly id: string; readonly line: StatusOpening | StatusReport }
  /** A line of a run that was started or is followed. */
  | { readonly kind: 'event'; readonly id: string; readonly event: RunEvent }
  /** The child ended. `error` is set when it ended without an answer (`ask`) or without `done`/`failed`. */
  | {
      readonly kind: 'ended';
      readonly id: string;
      readonly exitCode: number | undefined;
      readonly error: MigrateErrorView | undefined;
    }
  | { readonly kind: 'tick' }
  /** What the last look at this project left behind; comes once, before the first status. */
  | { readonly kind: 'remembered'; readonly view: RememberedView }
  /** The screen is on top again after another one was closed. */
  | { readonly kind: 'shown' };

/** `id` is the screen's own name for the request; a second request of the same id replaces the first. */
export type Effect =
  /**
   * A question: `migrate-tui ARGS --json`, one document. `args` without `--json` and without the binary.
   * `after`: milliseconds to wait, so that a cursor passing by asks nothing.
   */
  | {
      readonly kind: 'ask';
      readonly id: string;
      readonly args: readonly string[];
      readonly after?: number;
    }
  /** Reads a run again from its file and goes on to its end: `show RUN --follow --json`. */
  | { readonly kind: 'follow'; readonly id: string; readonly run: number }
  /**
   * Starts a change as a process of its own that outlives the screen; its events arrive as `event`.
   * Closing the screen does not stop it: the app goes on listening for its summary.
   */
  | { readonly kind: 'start'; readonly id: string; readonly args: readonly string[] }
  /** `boundary`: what ctrl-c does on the command line. `process`: asks the process itself to end. */
  | { readonly kind: 'stop'; readonly run: number; readonly how: 'boundary' | 'process' }
  /** Stops listening to a question or a followed run. A started run goes on. */
  | { readonly kind: 'forget'; readonly id: string }
  /** Asks every environment (or these) for its status again; answers land in `context.environments`. */
  | { readonly kind: 'refresh'; readonly environments?: readonly string[] }
  | { readonly kind: 'open'; readonly request: ScreenRequest }
  /** Puts another screen in this one's place. */
  | { readonly kind: 'replace'; readonly request: ScreenRequest }
  /** `[` and `]`: another database is marked. */
  | { readonly kind: 'database'; readonly name: string }
  | { readonly kind: 'back' }
  /** Back to the environments. */
  | { readonly kind: 'home' }
  /** The row above the footer: `info` goes after 6 s, `error` stays until a key. */
  | { readonly kind: 'say'; readonly level: 'info' | 'error'; readonly text: string }
  /** To the clipboard (OSC 52), with a message that names it: "the error". */
  | { readonly kind: 'copy'; readonly text: string; readonly what: string }
  /** Writes a file for the person into the project's `.migrate-tui/exports/`; the message names its path. */
  | { readonly kind: 'export'; readonly name: string; readonly content: string }
  /** An incident report, as the command line writes it, as such a file: `args` ask for it. */
  | { readonly kind: 'report'; readonly args: readonly string[]; readonly name: string }
  /** Opens a file of the project in $EDITOR. */
  | { readonly kind: 'edit'; readonly file: string; readonly line: number }
  /** Leaves this project and shows the one in a folder. */
  | { readonly kind: 'project'; readonly directory: string }
  | { readonly kind: 'quit' };

/** A deploy that did not begin, or that changed nothing: the dry-run's events and the reason. */
export interface RefusedDeploy {
  readonly rehearsal: readonly RunEvent[];
  readonly error: MigrateErrorView;
}

/** An environment that another one may be copied from, or a database of one. */
export interface SourceChoice {
  readonly name: string;
  readonly words: readonly string[];
  /** What it is now, part of a sentence. */
  readonly note: string;
  /** Why it cannot be read now. */
  readonly blocked: string | undefined;
}

/** One of the ways out that `recover ENV` offered, with the case that it leads out of. */
export interface ChosenWay {
  readonly found: RecoveryCase;
  readonly option: RecoveryOption;
  /** How many cases offer it, and for which it is taken: all of them at once where that is one thought. */
  readonly takes: 'the-only-one' | 'one-of-several' | 'all-of-several';
  /** A rollback, which is reviewed as a way out is: what stays applied, and what is taken back, newest first. */
  readonly back?: { readonly to: string; readonly tags: readonly string[]; readonly statements?: number };
}

/** The screens and what each is opened with. */
export type ScreenRequest =
  | { readonly screen: 'environments' }
  /** The first start in a project without a configuration of ours, or where nothing was found. */
  | { readonly screen: 'welcome' }
  | {
      readonly screen: 'migration';
      readonly database: string;
      readonly tag: string;
      /** The one that the page was left from: what is begun here is about it. */
      readonly environment: string | undefined;
    }
  | { readonly screen: 'environment'; readonly environment: string }
  /** What is said of the project, its folders and this machine. */
  | { readonly screen: 'doctor' }
  | { readonly screen: 'backups'; readonly environment: string | undefined }
  | { readonly screen: 'verify'; readonly environment: string }
  | { readonly screen: 'unfinished'; readonly runs: StatusOpening['unfinished'] }
  /** `d` looks, `t` begins the dry-run at once. */
  | {
      readonly screen: 'review';
      readonly environment: string;
      readonly begin: 'look' | 'dry-run';
      /** A way out in place of a deploy. */
      readonly way?: ChosenWay;
      /** What this page started was refused: shown anew with its rehearsal and with why. */
      readonly refused?: RefusedDeploy;
    }
  /** What differs from `than`; absent: from what its migrations give. */
  | { readonly screen: 'drift'; readonly environment: string; readonly than?: DriftBase }
  /** Every environment beside its own migrations. */
  | { readonly screen: 'drift-all' }
  /** A change that has no rehearsal, by its words after `migrate-tui` without those of consent. */
  | {
      readonly screen: 'change';
      readonly environment: string;
      readonly words: readonly string[];
      /** What is meant is chosen before anything is asked: what to copy from, or which database. */
      readonly sources?: readonly SourceChoice[];
      /** The question that is answered by that; without it, that of a copy. */
      readonly asks?: { readonly says: string; readonly title: string };
      /** What this page started was refused: shown anew with why. */
      readonly refused?: MigrateErrorView;
      /** `choice`: the page below asked which; it has nothing to ask once this one is carried out. */
      readonly from?: 'choice';
    }
  /** What is half-finished or contradicts itself, and what leads out. */
  | { readonly screen: 'recovery'; readonly environment: string }
  /** One file of a history: the whole of it, or up to and including `to`. */
  | { readonly screen: 'squash'; readonly database: string | undefined; readonly to: string | undefined }
  /** `start`: the arguments of what was confirmed. `follow`: a run that is going on, or that ended. */
  | {
      readonly screen: 'run';
      readonly environment: string;
      /** The way out that it takes: the review to go back to. */
      readonly way?: ChosenWay;
      /** The words of the change that it carries out: the page to go back to. */
      readonly change?: readonly string[];
      /** Of a copy: every table that comes over. */
      readonly tables?: readonly AccountOfTable[];
      readonly source:
        | { readonly kind: 'start'; readonly args: readonly string[]; readonly before: readonly RunEvent[] }
        | { readonly kind: 'follow'; readonly run: number };
    }
  /** `events`: of the whole way, the dry-run's and the deploy's. */
  | {
      readonly screen: 'finished';
      readonly environment: string;
      readonly events: readonly RunEvent[];
      readonly way?: ChosenWay;
      /** What was read of its statements while it ran. */
      readonly sql?: SqlOf;
    }
  | {
      readonly screen: 'failed';
      readonly environment: string;
      readonly events: readonly RunEvent[];
      readonly way?: ChosenWay;
      readonly sql?: SqlOf;
      /** The words of the change that it was, to review it again. */
      readonly change?: readonly string[];
    }
  | { readonly screen: 'runs'; readonly environment: string | undefined }
  /** `sql`: what is known of its statements already. */
  | { readonly screen: 'run-detail'; readonly run: number; readonly sql?: SqlOf };

export type ScreenName = ScreenRequest['screen'];

export type RequestOf<Name extends ScreenName> = Extract<ScreenRequest, { readonly screen: Name }>;

/** One row of a screen's key table. Footer, help, palette and docs/keys are printed from it. */
export interface Binding<State> {
  /** Key names, the one to show first: `['j', 'down']`. Names are those of `Key.name`. */
  readonly keys: readonly string[];
  /** Handed to `reduce`. The same meaning has the same action on every screen. */
  readonly action: string;
  /** Two or three words for the footer, the verb first: "ways out". */
  readonly label: string | ((state: State, context: Context) => string);
  /** One line for help and docs: "the migration under the cursor". */
  readonly help: string;
  readonly group: 'move' | 'open' | 'jobs' | 'view' | 'take' | 'always';
  /** Place in the footer, 1 is the most wanted; absent: only in help. From 100 on: at the right end. A function returning undefined leaves it out. */
  readonly footer?: number | ((state: State, context: Context) => number | undefined);
  /** Why it does not work now, short, with the key that leads out: "finish dev first". Undefined: it works. */
  readonly blocked?: (state: State, context: Context) => string | undefined;
  /** The same on the command line, the words after `migrate-tui`: help names it whole, for where the project is. */
  readonly command?: (state: State, context: Context) => readonly string[] | undefined;
}

export interface HeaderView {
  /** Where this is: `['app', 'production', 'review']`, joined by `›`. Empty on the environments. */
  readonly path: readonly string[];
  /** Instead of a path: the databases, the marked one in brackets. */
  readonly tabs?: { readonly names: readonly string[]; readonly current: string | undefined };
  /** Right side: freshness, or the badge of a protected environment. */
  readonly right: readonly HeaderPart[];
}

export interface HeaderPart {
  readonly text: string;
  readonly tone: 'text' | 'dim' | 'warn' | 'danger' | 'badge';
}
