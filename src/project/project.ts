import type { Address } from '../engines/address.ts';
import type { ThemeChoice } from '../lib/theme-choice.ts';
import type { FormatName, RecordedBy } from '../migrations/migration.ts';
import type { Masks } from '../operations/copied-rows/masks.ts';
import type { Dialect } from '../sql/statement.ts';
import type { BackupKey } from './backup-keys.ts';

export type { Address } from '../engines/address.ts';

/** What was found out about a project before any database is asked. */
export interface Project {
  /** Absolute path. */
  readonly root: string;
  /** For people: the package name or the folder's name. */
  readonly name: string;
  /** Absolute path of our own config, when there is one. */
  readonly configFile: string | undefined;
  /** Where each thing came from, in the words of the first-run screen. */
  readonly sources: readonly ProjectSource[];
  /** In the order in which a command acts on them. */
  readonly databases: readonly Database[];
  /** In promotion order. */
  readonly environments: readonly Environment[];
  readonly hooks: Hooks;
  /** Who is told how a run that changes a target ended. */
  readonly notify: readonly Receiver[];
  readonly backups: {
    readonly to: string | undefined;
    readonly keepDays: number;
    readonly keys: readonly BackupKey[];
  };
  readonly ledger: string | undefined;
  /** Run after a reset. */
  readonly seed: HookCommands;
  /** What is done with columns when rows are copied to another environment. */
  readonly masks: Masks;
  /** Differences between schemas that are meant to be there. */
  readonly ignoreDrift: readonly IgnoredObject[];
  /** By a rule's id, how grave its findings are instead of what the rule says; `off`: it is not asked. */
  readonly rules: ReadonlyMap<string, 'off' | 'info' | 'warning' | 'error'>;
  /** `unknown`: databases exist that no environment names, as of an application that others install. */
  readonly installations: 'known' | 'unknown';
  /** Of the screen; undefined: as the terminal does. */
  readonly theme: ThemeChoice | undefined;
  readonly notes: readonly string[];
}

export interface ProjectSource {
  readonly file: string;
  readonly says: string;
}

/** An object, or several by a pattern, whose differences are no drift. */
export interface IgnoredObject {
  /** A kind of object, as drift says it: `table`, `materialized-view`. */
  readonly type: string | undefined;
  /** A name or a pattern with `*` and `?`; what stands on a table that fits goes with it. */
  readonly name: string;
  readonly reason: string;
}

/** One logical database of the project. */
export interface Database {
  readonly name: string;
  /** Absolute path of its migration folder. */
  readonly directory: string;
  readonly format: FormatName | 'auto';
  /** What its migrations are written in, and what all of its targets speak. */
  readonly dialect: Dialect;
  /** `d1`: wrangler's table and wrangler's order, `numbered`: the order of the numbers, whatever the folder looks like. */
  readonly bookkeeping: RecordedBy;
  /** Tracking table: `__drizzle_migrations`, `d1_migrations` or `_migrations` unless configured. */
  readonly table: string;
  /** Where the tracking table is: `drizzle` unless configured, `public` where files are numbered. PostgreSQL only. */
  readonly tableSchema?: string;
  /** wrangler's `migrations_pattern`, relative to `directory`; undefined: every `.sql` file right in it. */
  readonly pattern?: string;
  /** File name patterns it takes from a shared folder; undefined: what no other claims. */
  readonly only: readonly string[] | undefined;
}

export interface Environment {
  readonly name: string;
  readonly protected: boolean;
  readonly readOnly: boolean;
  /** Where migrations may be run on it from: `ci` is a build machine. */
  readonly from: 'ci' | 'anywhere';
  /** What its migrations may do; undefined: anything. */
  readonly policy: 'additive' | undefined;
  /** The environment that must have a migration before this one may. */
  readonly after: string | undefined;
  /** How long a migration must have been in `after`, in milliseconds. */
  readonly soak: number;
  readonly rehearse: 'full' | 'in-target' | 'structure';
  readonly backup: 'take' | 'external';
  /** Milliseconds. */
  readonly timeouts: { readonly connect: number; readonly busy: number };
  readonly invariants: readonly Invariant[];
  readonly targets: readonly Target[];
}

/** A query run before and after; the answers must stay equal, or within `within` (absolute). */
export interface Invariant {
  readonly name: string;
  readonly database: string | undefined;
  readonly sql: string;
  readonly within: number;
}

/** An environment × a database. */
export interface Target {
  readonly environment: string;
  readonly database: string;
  readonly address: Address;
}

export interface Hooks {
  readonly beforeBackup: HookCommands;
  readonly afterBackup: HookCommands;
  readonly beforeDryRun: HookCommands;
  readonly afterDryRun: HookCommands;
  readonly beforeApply: HookCommands;
  readonly afterApply: HookCommands;
  readonly beforeVerify: HookCommands;
  readonly afterVerify: HookCommands;
}

/** Somebody who is told of runs that change a target. */
export interface Receiver {
  /** A webhook is named by its variable: its address is a secret. */
  readonly to:
    | { readonly kind: 'webhook'; readonly variable: string }
    | { readonly kind: 'command'; readonly words: readonly string[] };
  /** `failed` is every end but a good one: an interruption, too. */
  readonly on: readonly ('started' | 'done' | 'failed')[];
  /** Undefined: all. */
  readonly environments: readonly string[] | undefined;
}

/** A shell command for every environment, or one per environment. */
export type HookCommands = string | Readonly<Record<string, string>> | undefined;
