import type { CopiedTable } from '../copied-rows/copied-tables.ts';
import type { Operation, PlannedStep } from '../events.ts';

/**
 * What a change without a rehearsal would do, as far as it is known before anybody agreed to it. It is told where
 * consent is missing; nothing was written.
 */
export interface Account {
  readonly operation: Operation;
  readonly environment: string;
  readonly protected: boolean;
  /** What would be done, in whole sentences. */
  readonly says: readonly string[];
  /** What does it, as the words after `migrate-tui`, without those of consent. */
  readonly words: readonly string[];
  readonly databases: readonly AccountOfDatabase[];
  /** The steps to come, in order; none while one of the choices has to be taken first. */
  readonly steps: readonly PlannedStep[];
  /** Something that is there now would be there no more, but in the backup. */
  readonly destroys: boolean;
  /** Of a copy: every table of the source. */
  readonly tables?: readonly AccountOfTable[];
  readonly consent: NeededConsent;
  /** What is possible where the words leave something open: each has words of its own. */
  readonly choices?: readonly Choice[];
}

/** As it is told. */
export interface BoundAccount extends Account {
  /** What `--confirm ENV@HASH` names: another account, or another state of the databases, has another one. */
  readonly hash: string;
}

/** Each part of a sentence: `2 tables with 4 rows`. */
export interface AccountOfDatabase {
  readonly database: string;
  readonly writes: string | undefined;
  readonly loses: string | undefined;
}

/** How a table would come over. */
export interface AccountOfTable extends CopiedTable {
  readonly database: string;
  /** At the source; undefined where they are not counted, as of what only finds. */
  readonly rows: number | undefined;
}

/** Beside `--yes`, which is needed in any case. */
export interface NeededConsent {
  /** Why the environment has to be named, with `--confirm ENV`. */
  readonly confirm: 'not-needed' | 'protected' | 'elsewhere';
  /** What nobody can prove, or what would be lost on purpose: a person answers for each by name. */
  readonly accept: readonly Acceptance[];
}

export interface Acceptance {
  readonly flag: '--accept' | '--accept-unmasked';
  /** What follows the flag: `schema-differs:0001_members`, `users.email`. */
  readonly value: string;
  /** What is answered for, in whole sentences. */
  readonly says: string;
  /** `--reason`, which is recorded. */
  readonly reason: 'needed' | 'not-needed';
}

export interface Choice {
  readonly name: string;
  readonly words: readonly string[];
  readonly fits: 'yes' | 'no';
  /** Why it does not, or what to know before it is taken; each part of a sentence. */
  readonly says: readonly string[];
}
