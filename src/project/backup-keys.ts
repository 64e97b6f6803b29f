import { readSealingKey, SealingKey } from '../lib/sealing-key.ts';
import type { Variables } from './dotenv.ts';

/** A variable that `backups.key` names; the first of them is what new backups are encrypted with. */
export type BackupKey =
  | { readonly kind: 'usable'; readonly variable: string; readonly key: SealingKey }
  | {
      readonly kind: 'unusable';
      readonly variable: string;
      /** A clause that goes on from the variable's name: `is not set`. */
      readonly why: string;
    };

/** One that cannot be used stops nothing that needs no backup: who does need it says why. */
export function readBackupKeys(references: readonly string[], variables: Variables): readonly BackupKey[] {
  return references.map((reference) => {
    const variable = reference.slice('env:'.length);
    const text = variables[variable];
    if (!text) return { kind: 'unusable', variable, why: 'is not set' };
    const read = readSealingKey(text);
    return read instanceof SealingKey
      ? { kind: 'usable', variable, key: read }
      : { kind: 'unusable', variable, why: read.problem };
  });
}
