import type { Meaning, ThemeName } from '../../lib/theme-choice.ts';

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
  /** Who is told how a run that changes a target ended. */
  readonly notify?: NotifyConfig | readonly NotifyConfig[];
  /** What `resync` does with a column, by `'users.email'`, or `'*.email'` for every table. */
  readonly masks?: Readonly<Record<string, 'hash' | 'null' | 'keep'>>;
  /** Differences between schemas that are meant to be there, each with a reason. */
  readonly ignoreDrift?: readonly IgnoreDriftConfig[];
  /** By a rule's id, such as `'drop-column'`, how grave its findings are in this project; `'off'`: it is not asked. */
  readonly rules?: Readonly<Record<string, 'off' | 'info' | 'warning' | 'error'>>;
  /** A shell command that `reset` runs at its end, for every environment or by environment. */
  readonly seed?: string | Readonly<Record<string, string>>;
  /** `'unknown'` when others install the application, so that there are databases that no environment names: `squash` refuses then. `'known'` unless said. */
  readonly installations?: 'known' | 'unknown';
  /** How the screen looks, by name; or the theme to begin from and the looks in which this one differs. */
  readonly theme?: ThemeName | ThemeConfig;
}

/** By what a text means, its look: one of the 16 colours or `#rrggbb` and any weights, as in `'bold blueBright'`; or `'plain'`. */
export type ThemeConfig = { readonly [Each in Meaning]?: string } & {
  /** `'ansi'` unless said. */
  readonly from?: ThemeName;
};

export interface IgnoreDriftConfig {
  /** `'scratch_*'` or `'table scratch_*'`: what stands on such a table goes with it. */
  readonly object: string;
  /** Why it may differ. */
  readonly reason: string;
}

export interface DatabaseConfig {
  /** Folder of its migrations, relative to the configuration file. */
  readonly migrations?: string;
  /**
   * Which tracking table it has, and with it the order of its files: `d1` for a folder that wrangler reads, `numbered`
   * for one of numbered files that no Drizzle configuration names, else `drizzle`.
   */
  readonly bookkeeping?: 'drizzle' | 'd1' | 'numbered';
  /** Name of the tracking table; `__drizzle_migrations`, `d1_migrations` or `_migrations` unless a Drizzle or wrangler configuration says otherwise. */
  readonly table?: string;
  /** Schema of the tracking table in PostgreSQL; `drizzle` unless a Drizzle configuration says otherwise, `public` of numbered files. */
  readonly tableSchema?: string;
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
  /** Migrations run on it from a build machine alone; ways out of trouble from anywhere. */
  readonly from?: 'ci';
  /** A migration that does more than add is an error. */
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
  | D1TargetConfig
  | D1LocalTargetConfig
  | PostgresTargetConfig;

/** A database on a PostgreSQL server. */
export interface PostgresTargetConfig {
  /** A URL without a password, `env('NAME')`, or the parts of an address. */
  readonly postgres: string | PostgresServerConfig;
  /** URL of another server, on which rehearsals may create databases; the same server unless said. */
  readonly scratch?: string;
}

/** Every text may be `env('NAME')`. */
export type PostgresServerConfig =
  | { readonly url: string; readonly password?: EnvReference }
  | {
      /** `localhost` unless said; the folder of a socket begins with a slash. */
      readonly host?: string;
      /** 5432 unless said. */
      readonly port?: number | string;
      readonly user?: string;
      readonly password?: EnvReference;
      readonly database: string;
      /** `'require'`, `'prefer'` and `'allow'` look at no certificate, as with drizzle-kit; `true` and `'verify-full'` do. */
      readonly ssl?: boolean | 'require' | 'prefer' | 'allow' | 'verify-full';
    };

/** A database at Cloudflare D1. Every text may be `env('NAME')`. */
export interface D1TargetConfig {
  /** Its name or id; one that the wrangler configuration knows brings its id and account. */
  readonly d1: string;
  /** Id of the account, where the wrangler configuration and `CLOUDFLARE_ACCOUNT_ID` do not say it. */
  readonly account?: string;
  /** API token; without it `CLOUDFLARE_API_TOKEN`, else the login of the project's own wrangler. */
  readonly token?: EnvReference;
  /** The `env.*` block of the wrangler configuration that knows it. */
  readonly wranglerEnv?: string;
}

/** A local database of `wrangler dev`. Every text may be `env('NAME')`. */
export interface D1LocalTargetConfig {
  /** Its binding in the wrangler configuration. */
  readonly d1Local: string;
  /** The folder that wrangler is given as `--persist-to`, relative to the configuration file. */
  readonly persistTo?: string;
}

export interface BackupsConfig {
  /** A folder, relative to the configuration file, instead of the user's state folder. */
  readonly to?: string;
  /** How long backups are kept; `'7d'` unless said. */
  readonly keep?: Duration;
  /**
   * Encrypts every backup with the key that the variable holds: 32 random bytes, as `openssl rand -base64 32` writes them.
   * Of several, the first is for new backups; the others only read those of before.
   */
  readonly key?: EnvReference | readonly EnvReference[];
}

/** A shell command, for every environment or by environment. */
export type HooksConfig = {
  readonly [Moment in `${'before' | 'after'}${'Backup' | 'DryRun' | 'Apply' | 'Verify'}`]?:
    string | Readonly<Record<string, string>>;
};

/** One who is told, by a request or by a program that is started; exactly one of the two. */
export type NotifyConfig = NotifyOptions &
  (
    | {
        /** Takes a JSON document by POST, as the webhooks of Slack, Mattermost and Teams do. Its address is a secret. */
        readonly url: EnvReference;
        readonly command?: never;
      }
    | {
        /** A program and its arguments, started without a shell; the JSON document is on its standard input. */
        readonly command: readonly [string, ...string[]];
        readonly url?: never;
      }
  );

interface NotifyOptions {
  /** `['done', 'failed']` unless said; an interruption counts as failed. */
  readonly on?: readonly ('started' | 'done' | 'failed')[];
  /** Names of environments; all unless said. */
  readonly environments?: readonly string[];
}

/** A number and a unit: `'500ms'`, `'30s'`, `'5m'`, `'24h'`, `'7d'`. */
export type Duration = string;

/** The name of an environment variable, read when its target is opened. */
export type EnvReference = `env:${string}`;
