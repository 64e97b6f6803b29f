import type { CustomType } from './custom-types.ts';

/** What a squash would write or wrote, with the proof that the baseline is what it stands for. */
export interface SquashReport {
  readonly schemaVersion: 1;
  readonly kind: 'squash';
  /** `possible`: everything needed is proven and nothing was written. */
  readonly state: 'nothing' | 'refused' | 'possible' | 'written' | 'undone';
  readonly database: string;
  /** The migration folder, and the one that keeps the originals, relative to the project. */
  readonly folder: string;
  readonly archive: string;
  /** What becomes one, in the order of running. */
  readonly migrations: readonly { readonly tag: string; readonly hash: string }[];
  /** Absent where nothing can be written. */
  readonly baseline?: SquashBaseline;
  readonly proof: readonly SquashProof[];
  readonly environments: readonly SquashEnvironment[];
  /** Tables whose rows another replay would not give, and that nobody accepted. */
  readonly changing: readonly string[];
  /** With `refused`: up to here, what holds it up in an environment that is behind would not. */
  readonly possibleTo?: string;
  /** What `--undo` would put back, where a file of the folder is a squashed one. */
  readonly undo?: { readonly tag: string; readonly migrations: number };
  /** Why it is not done, each a whole sentence; those of environments among them. */
  readonly refusals: readonly string[];
  /** Those of them that are of no proof, no table and no environment. */
  readonly otherRefusals: readonly string[];
  /** What to do next, a whole sentence. */
  readonly next: string;
}

export interface SquashBaseline {
  readonly tag: string;
  /** Relative to the project. */
  readonly file: string;
  readonly hash: string;
  /** All that it holds. */
  readonly sql: string;
  readonly statements: number;
  readonly fingerprint: string;
  /** Rows that the migrations themselves leave in an empty database. */
  readonly rows: readonly { readonly table: string; readonly rows: number }[];
  /** Objects that no schema code of Drizzle's describes. */
  readonly custom: readonly { readonly type: CustomType | 'virtual-table'; readonly name: string }[];
}

export interface SquashProof {
  readonly check: 'git' | 'repeatable' | 'schema' | 'rows' | 'generate';
  readonly state: 'proven' | 'accepted' | 'differs' | 'not-possible';
  /** A whole sentence without its full stop. */
  readonly says: string;
}

/** One proof as it is known, before all of them are. */
export interface SquashProofReport {
  readonly schemaVersion: 1;
  readonly kind: 'squash-proof';
  readonly proof: SquashProof;
}

export interface SquashEnvironment {
  readonly environment: string;
  readonly protected: boolean;
  /** `ready`: at the baseline or beyond. `empty`: nothing is in it. `left-out`: named, so not asked. */
  readonly state: 'ready' | 'empty' | 'behind' | 'made-otherwise' | 'unreachable' | 'left-out' | 'depends';
  /** The newest applied migration. */
  readonly at?: string;
  /** With `behind`: the first of these migrations that it never ran. */
  readonly missing?: string;
  /** How many records it has of what the one file stands for; once it is written, `--tidy` makes them one. */
  readonly records?: number;
  /** How many records of a squash that was made could be made one now. */
  readonly tidy?: number;
  readonly says: string;
  /** Why it holds everything up, a whole sentence. */
  readonly refusal?: string;
}

/** What a person asks of `squash`. */
export interface SquashRequest {
  readonly what: 'squash' | 'undo';
  readonly database: string | undefined;
  /** Up to and including this one: a tag or its unique beginning; absent: the whole history. */
  readonly to: string | undefined;
  /** Environments that are not asked. */
  readonly leaveOut: readonly string[];
  /** Tables whose rows differ from replay to replay and may, with the reason. */
  readonly accepted: readonly { readonly table: string; readonly reason: string }[];
  /** Without it nothing is written. */
  readonly consent: 'given' | 'not-given';
}
