import type { Operation } from './events.ts';
import type { Evidence, Loss } from './evidence/evidence.ts';
import type { Masks } from './copied-rows/masks.ts';
import type { Finding } from './reports.ts';

/** What a person asks to have changed. */
export type Change =
  | {
      readonly kind: 'deploy';
      readonly environment: string;
      readonly selection: Selection;
      readonly consent: Consent;
    }
  /** The second half of a deploy: a plan that `dry-run` or `plan --out` wrote. */
  | {
      readonly kind: 'deploy-plan';
      readonly environment: string;
      readonly planFile: string;
      readonly consent: Consent;
    }
  | { readonly kind: 'dry-run'; readonly environment: string; readonly selection: Selection }
  | {
      readonly kind: 'apply';
      readonly environment: string;
      readonly selection: Selection;
      readonly consent: Consent;
    }
  | {
      readonly kind: 'backup';
      readonly environment: string;
      readonly databases: readonly string[] | undefined;
      readonly tables: readonly string[] | undefined;
      /** Also have D1 write its databases out as SQL, which keeps everybody else out of them for a while. */
      readonly archive?: 'wanted';
    }
  | {
      readonly kind: 'restore';
      readonly environment: string;
      readonly backup: string;
      readonly database: string | undefined;
      readonly tables: readonly string[] | undefined;
      readonly consent: Consent;
    }
  /** The migrations after one are taken back by their rollback files, newest first. */
  | {
      readonly kind: 'rollback';
      readonly environment: string;
      readonly databases: readonly string[] | undefined;
      /** What stays applied: a tag or its unique beginning, a number, or `nothing`. */
      readonly to: string;
      /** What an earlier rehearsal of it left: taken over where nothing moved since. */
      readonly planFile?: string;
      readonly consent: Consent;
    }
  /** One of the ways out that `recover` names. */
  | {
      readonly kind: 'recover';
      readonly environment: string;
      readonly database: string | undefined;
      readonly option: string;
      /** The case of this migration, by its tag or a unique beginning of it; absent: the only one, or every one of a kind. */
      readonly only: string | undefined;
      /** What an earlier rehearsal of it left: taken over where nothing moved since. */
      readonly planFile?: string;
      readonly consent: Consent;
    }
  /** An environment that can be thrown away is emptied in place, and built anew from its migrations. */
  | {
      readonly kind: 'reset';
      readonly environment: string;
      readonly databases: readonly string[] | undefined;
      readonly end: 'rebuilt' | 'empty';
      readonly consent: Consent;
    }
  /** The project's own drizzle-kit brings a database that can be made again to the schema code, without a migration. */
  | {
      readonly kind: 'push';
      readonly environment: string;
      readonly database: string | undefined;
      /** Whether somebody can answer what drizzle-kit asks about renames and rows that would be lost. */
      readonly terminal: 'ours' | 'none';
      readonly consent: Consent;
    }
  /** An environment that can be thrown away takes the schema, the records and the rows of another one. */
  | {
      readonly kind: 'resync';
      readonly environment: string;
      /** The environment that is copied; it is only read. */
      readonly from: string;
      readonly databases: readonly string[] | undefined;
      /** Tables whose rows stay behind. */
      readonly exclude: readonly string[];
      /** Rules for this once, before those of the configuration. */
      readonly masks?: Masks;
      readonly consent: Consent;
    }
  /** One record is written or taken away by a person's word; no migration is run. */
  | {
      readonly kind: 'mark';
      readonly environment: string;
      readonly database: string | undefined;
      readonly tag: string;
      readonly as: 'applied' | 'pending';
      readonly consent: Consent;
    }
  /** The records of the migrations up to a tag are written where the schema is what they make. */
  | {
      readonly kind: 'baseline';
      readonly environment: string;
      readonly database: string | undefined;
      /** A tag or its unique beginning; absent: the place that fits is only named. */
      readonly at: string | undefined;
      readonly consent: Consent;
    }
  /** After a squash, the records of what the one file stands for become one. */
  | {
      readonly kind: 'tidy';
      readonly environment: string;
      readonly database: string | undefined;
      readonly consent: Consent;
    };

/** How a change is called in events and in the ledger. */
export function operationOf(change: Change): Operation {
  if (change.kind === 'deploy-plan') return 'deploy';
  // A database that was taken back is one, whichever command did it.
  return change.kind === 'recover' && change.option === 'restore' ? 'restore' : change.kind;
}

/** Which pending migrations. */
export interface Selection {
  readonly databases: readonly string[] | undefined;
  /** Inclusive: a tag or its unique prefix. */
  readonly to: string | undefined;
  /** Exactly this one. */
  readonly only: string | undefined;
  readonly order: 'in-order' | 'out-of-order';
}

/** What was agreed to beforehand, with flags. */
export interface Consent {
  readonly yes: 'given' | 'not-given';
  readonly confirm: { readonly environment: string; readonly hash: string | undefined } | undefined;
  readonly acceptLoss: readonly { readonly table: string; readonly rows: number }[];
  readonly accept: readonly { readonly rule: string; readonly tag: string }[];
  readonly without: readonly ('backup' | 'dry-run')[];
  readonly reason: string | undefined;
  /** `TABLE.COLUMN`: copied as they are from a protected environment, although they look personal. */
  readonly unmasked?: readonly string[];
  /** A screen that showed the review took it from a person's keys and handed it on as flags. */
  readonly how?: 'typed';
}

/** What stands before the person when consent is asked: nothing was written yet. */
export interface Review {
  readonly environment: string;
  /** Absent: migrations are applied. `back`: they are taken back. */
  readonly goes?: 'back';
  readonly protected: boolean;
  readonly migrations: readonly {
    readonly database: string;
    readonly tag: string;
    readonly statements: number;
  }[];
  readonly evidence: readonly Evidence[];
  readonly losses: readonly (Loss & { readonly database: string })[];
  readonly findings: readonly Finding[];
  /** Binds the consent to plan, files, target and evidence. */
  readonly hash: string;
  /** Of the command line that asked, without flags of consent. */
  readonly command: string;
}

/** The answer of a person who was shown the review. */
export type Decision =
  | { readonly kind: 'confirmed'; readonly consent: Consent; readonly how: 'flag' | 'typed' }
  | { readonly kind: 'declined' };
