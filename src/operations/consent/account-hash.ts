import { hashOf } from '../../lib/hash.ts';
import type { Account } from './account.ts';

/** A database as it was found when the account was told. */
export interface FoundThere {
  readonly database: string;
  readonly location: string;
  /** Fingerprint, or why there is none. */
  readonly schema: string;
  readonly records: readonly {
    readonly hash: string;
    readonly createdAt: number;
    readonly name: string | undefined;
  }[];
  readonly files: readonly { readonly tag: string; readonly hash: string }[];
}

/**
 * Binds a consent to what was told: the same words, steps, files, schemas and records give the same hash, however many
 * rows came in between and whatever the sentences say of them.
 */
export function accountHash(account: Account, found: readonly FoundThere[]): string {
  const { operation, environment, words, steps, tables, destroys, consent, choices } = account;
  return hashOf({
    operation,
    environment,
    words,
    steps: steps.map(({ step, database, tag, statements }) => ({ step, database, tag, statements })),
    tables: tables?.map(({ database, table, how, columns }) => ({ database, table, how, columns })),
    destroys,
    consent: { confirm: consent.confirm, accept: consent.accept.map(({ flag, value }) => [flag, value]) },
    choices: choices?.map(({ name, fits }) => ({ name, fits })),
    found,
  }).slice(0, 16);
}
