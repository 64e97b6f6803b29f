import type { SchemaDifference } from '../../schema/schema.ts';

/** What differs in meaning between two schemas; the left one is what is compared with. */
export interface DriftReport {
  readonly schemaVersion: 1;
  readonly kind: 'drift';
  readonly equal: boolean;
  /** For people: `the migrations of local`. */
  readonly left: string;
  readonly right: string;
  readonly environment: string;
  readonly databases: readonly {
    readonly database: string;
    /** Fingerprints. */
    readonly left: string;
    readonly right: string;
    /** Objects that mean the same in both. */
    readonly same: number;
  }[];
  /** `added` is only in the right one. */
  readonly objects: readonly DriftObject[];
  /** Differences that the configuration allows. */
  readonly ignored: readonly IgnoredDrift[];
  /** The command that gives the right one what the left one has, where that may be done. */
  readonly resync?: string;
  /** What would bring the right one to the left one, to be reviewed; with `--format sql`. */
  readonly draft?: readonly { readonly database: string; readonly statements: readonly string[] }[];
}

export interface DriftObject extends SchemaDifference {
  readonly database: string;
  /** A guess, as a clause. */
  readonly cause?: string;
  /** Both texts as one, each line after a space, `-` (left) or `+` (right); absent where they are too long to compare. */
  readonly lines?: readonly string[];
}

export interface IgnoredDrift extends Pick<SchemaDifference, 'type' | 'name' | 'change'> {
  readonly database: string;
  readonly reason: string;
}

/** Every environment at once, as fingerprints. */
export interface DriftTableReport {
  readonly schemaVersion: 1;
  readonly kind: 'drift-all';
  readonly environments: readonly {
    readonly environment: string;
    readonly targets: readonly DriftTableTarget[];
  }[];
}

export interface DriftTableTarget {
  readonly database: string;
  /** `missing`: the database does not exist yet. `not-replayed`: its migrations give nothing to compare with. */
  readonly state: 'equal' | 'differs' | 'missing' | 'not-replayed' | 'unreachable';
  /** Of the target. */
  readonly fingerprint?: string;
  /** How many objects differ, and how many of these the configuration allows. */
  readonly objects?: number;
  readonly ignored?: number;
  /** The newest applied migration. */
  readonly at?: string;
  readonly why?: string;
}
