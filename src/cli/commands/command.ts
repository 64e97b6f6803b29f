import type { FlagName } from '../flags.ts';

/** A row of the table from which parsing, help, completion and `docs/commands.md` are made. */
export interface Command {
  readonly name: CommandName;
  /** `question`: reads only. `change`: may write to a target. `tool`: about this program or the project's files. */
  readonly kind: 'question' | 'change' | 'tool';
  readonly positionals: readonly Positional[];
  /** Its own; those that every command takes are in `everywhere`. */
  readonly flags: readonly FlagName[];
  /** What a flag means here, where that is not what the table of flags says of it. */
  readonly means?: Readonly<Partial<Record<FlagName, string>>>;
  readonly summary: string;
  /** Whole sentences for its own help page. */
  readonly says: readonly string[];
  readonly examples: readonly Example[];
}

export interface Positional {
  readonly name: string;
  readonly need: 'required' | 'optional' | 'any-number';
  readonly says: string;
}

export interface Example {
  readonly line: string;
  readonly says: string;
}

export type CommandName =
  | 'init'
  | 'demo'
  | 'status'
  | 'plan'
  | 'migration'
  | 'deploy'
  | 'dry-run'
  | 'apply'
  | 'verify'
  | 'backup'
  | 'backups'
  | 'restore'
  | 'decrypt'
  | 'rollback'
  | 'recover'
  | 'new'
  | 'generate'
  | 'drop'
  | 'check'
  | 'lint'
  | 'push'
  | 'resync'
  | 'pull'
  | 'studio'
  | 'mark'
  | 'baseline'
  | 'reset'
  | 'squash'
  | 'drift'
  | 'schema'
  | 'runs'
  | 'show'
  | 'query'
  | 'doctor'
  | 'completion';

export const selection: readonly FlagName[] = ['database', 'to', 'only', 'out-of-order'];
export const consent: readonly FlagName[] = ['yes', 'confirm', 'accept', 'accept-loss', 'reason', 'agreed'];
/** For a command that works on one database at a time. */
export const oneDatabase: Partial<Record<FlagName, string>> = {
  database: 'Which database, where there are several.',
};
export const environment: Positional = { name: 'ENV', need: 'required', says: 'The environment.' };
