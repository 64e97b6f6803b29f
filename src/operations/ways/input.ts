import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Diagnosed } from '../diagnosis/diagnosis.ts';
import type { LeftInvalid } from '../diagnosis/left-invalid.ts';
import type { Facts } from './facts.ts';
import type { HalfRun } from './half-run.ts';
import type { Backups } from './restore.ts';

/** What decides which ways out of one unfinished migration are open. */
export interface WaysInput {
  readonly environment: string;
  readonly migration: Migration;
  readonly diagnosed: Diagnosed;
  /** Absent where it is not known which statements ran. */
  readonly half: HalfRun | undefined;
  /** Indexes that one of its statements left without an end. */
  readonly invalid?: readonly LeftInvalid[];
  readonly facts: Facts;
  readonly backups: Backups;
  readonly bookkeeping: Bookkeeping;
  readonly entries: readonly Entry[];
  /** Its own record, where it has one. */
  readonly entry: Entry | undefined;
  /** Older ones without a record, which are skipped once this one has its record: by Drizzle 0.x, and where files are numbered. */
  readonly passedOver: readonly string[];
  /** Whether the target's engine can leave foreign keys unchecked for a unit. */
  readonly foreignKeys: 'switchable' | 'always-on';
  readonly now: Date;
}
