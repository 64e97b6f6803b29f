import type { Selection } from './change.ts';

/** What a person asks to know; answering never writes, not even a bookkeeping table. */
export type Question =
  | {
      readonly kind: 'status';
      readonly environments: readonly string[];
      readonly databases: readonly string[] | undefined;
      /** Also compares each schema with what its applied migrations give. */
      readonly drift?: 'wanted';
    }
  | {
      readonly kind: 'plan';
      readonly environment: string;
      readonly selection: Selection;
      readonly planFile: string | undefined;
    }
  | {
      readonly kind: 'migration';
      readonly tag: string;
      readonly database: string | undefined;
      /** An environment: how it would have to be written so that other tables keep their rows there. */
      readonly keepChildren?: string;
    }
  | { readonly kind: 'backups'; readonly environment: string | undefined }
  | {
      readonly kind: 'verify';
      readonly environment: string;
      readonly databases: readonly string[] | undefined;
    }
  | {
      readonly kind: 'recovery';
      readonly environment: string;
      readonly databases: readonly string[] | undefined;
      /** Only what is about this migration or record. */
      readonly only?: string;
    }
  | {
      readonly kind: 'drift';
      readonly environment: string;
      readonly databases: readonly string[] | undefined;
      readonly than: DriftBase;
      /** Also a migration that would bring it to what it is compared with. */
      readonly draft?: 'wanted';
    }
  /** Every environment's schema beside what its own applied migrations give. */
  | { readonly kind: 'drift-all'; readonly databases: readonly string[] | undefined }
  | {
      readonly kind: 'schema';
      readonly environment: string;
      readonly databases: readonly string[] | undefined;
    }
  | {
      readonly kind: 'incident';
      readonly about:
        | { readonly kind: 'run'; readonly run: number }
        | {
            readonly kind: 'environment';
            readonly environment: string;
            readonly databases: readonly string[] | undefined;
          };
    }
  | { readonly kind: 'runs'; readonly environment: string | undefined }
  | { readonly kind: 'run'; readonly run: number }
  | {
      readonly kind: 'query';
      readonly environment: string;
      readonly database: string | undefined;
      readonly sql: string;
    }
  | { readonly kind: 'check'; readonly databases: readonly string[] | undefined }
  | {
      readonly kind: 'lint';
      readonly databases: readonly string[] | undefined;
      readonly of: LintScope;
    }
  | { readonly kind: 'doctor' };

/** What a target is compared with. */
export type DriftBase =
  /** What its applied migrations give. */
  | { readonly kind: 'migrations' }
  | { readonly kind: 'environment'; readonly name: string }
  /** A path relative to the working folder, or the id of a backup. */
  | { readonly kind: 'file'; readonly file: string };

/** Which migrations are looked at. */
export type LintScope =
  | { readonly kind: 'all' }
  /** As a person writes paths, relative to the working folder. */
  | { readonly kind: 'files'; readonly files: readonly string[] }
  /** Those whose files changed since the branch left this revision. */
  | { readonly kind: 'since'; readonly revision: string };
