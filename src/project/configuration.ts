/** What `migrate-tui.config.*` may say. Every key is optional: what is not said is found in the project. */
export interface Config {
  /** Replaces all databases that were found. Named as targets name them. */
  readonly databases?: Readonly<Record<string, DatabaseConfig>>;
  /** Replaces all environments that were found. In promotion order. */
  readonly environments?: Readonly<Record<string, EnvironmentConfig>>;
  /** Names of databases, in the order in which a command acts on them. */
  readonly order?: readonly string[];
  /** A path or URL of the record of runs, instead of `.migrate-tui/` in the project. */
  readonly ledger?: string;
  readonly backups?: BackupsConfig;
  readonly hooks?: HooksConfig;
  /** Accepted for versions to come; the program says that this one does not use it. */
  readonly notify?: unknown;
  /** Accepted for versions to come; the program says that this one does not use it. */
  readonly masks?: unknown;
  /** Accepted for versions to come; the program says that this one does not use it. */
  readonly ignoreDrift?: unknown;
  /** Accepted for versions to come; the program says that this one does not use it. */
  readonly rules?: unknown;
  /** Accepted for versions to come; the program says that this one does not use it. */
  readonly seed?: unknown;
  /** Accepted for versions to come; the program says that this one does not use it. */
  readonly installations?: 'known' | 'unknown';
  /** Accepted for versions to come; the program says that this one does not use it. */
  readonly theme?: unknown;
}

export interface DatabaseConfig {
  /** Folder of its migrations, relative to the configuration file. */
  readonly migrations?: string;
  /** Which tracking table it has. This version serves `drizzle`. */
  readonly bookkeeping?: 'drizzle' | 'd1' | 'numbered';
  /** Name of the tracking table; `__drizzle_migrations` unless a Drizzle configuration says otherwise. */
  readonly table?: string;
  /** File name patterns it takes from a folder that databases share. */
  readonly only?: readonly string[];
}

export interface EnvironmentConfig {
  /** One per database. */
  readonly targets: Readonly<Record<string, TargetConfig>>;
  /** Writing needs `--confirm NAME`. */
  readonly protected?: boolean;
  /** Nothing is ever written. */
  readonly readOnly?: boolean;
  /** An earlier environment that must have a migration first. */
  readonly after?: string;
  /** How long a migration must have been in `after`: `'24h'`, `'7d'`. */
  readonly soak?: Duration;
  readonly from?: 'ci';
  readonly policy?: 'additive';
  readonly rehearse?: 'full' | 'in-target' | 'structure';
  readonly backup?: 'take' | 'external';
  readonly timeouts?: { readonly connect?: Duration; readonly busy?: Duration };
  /** Queries whose answer must be the same before and after, by name. */
  readonly invariants?: Readonly<Record<string, string | InvariantConfig>>;
}

export interface InvariantConfig {
  readonly sql: string;
  /** The database that is asked; without it, every database of the environment. */
  readonly database?: string;
  /** How far the answer may move; 0 unless said. */
  readonly within?: number;
}

/** A URL, `env('NAME')`, or an object. Secrets only through `env('NAME')`. */
export type TargetConfig =
  | string
  | { readonly url: string; readonly authToken?: EnvReference }
  | {
      readonly d1: string;
      readonly account?: string;
      readonly token?: EnvReference;
      readonly wranglerEnv?: string;
    }
  | { readonly d1Local: string; readonly persistTo?: string }
  | { readonly postgres: unknown; readonly scratch?: unknown };

export interface BackupsConfig {
  /** A folder, relative to the configuration file, instead of the user's state folder. */
  readonly to?: string;
  /** How long backups are kept; `'7d'` unless said. */
  readonly keep?: Duration;
  readonly key?: EnvReference;
}

/** A shell command, for every environment or by environment. */
export type HooksConfig = {
  readonly [Moment in `${'before' | 'after'}${'Backup' | 'DryRun' | 'Apply' | 'Verify'}`]?:
    string | Readonly<Record<string, string>>;
};

/** A number and a unit: `'500ms'`, `'30s'`, `'5m'`, `'24h'`, `'7d'`. */
export type Duration = string;

/** The name of an environment variable, read when its target is opened. */
export type EnvReference = `env:${string}`;
