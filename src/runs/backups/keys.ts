import { MigrateError } from '../../lib/errors.ts';
import type { SealingKey } from '../../lib/sealing-key.ts';
import type { BackupKey } from '../../project/backup-keys.ts';
import type { BackedUpDatabase, Encrypted, KeptFile } from './manifest.ts';

/**
 * What new backups are encrypted with.
 *
 * @returns undefined where the configuration names no key: they are kept in the clear
 * @throws MigrateError `config` where it names one that cannot be used
 */
export function keyForNew([first]: readonly BackupKey[]): SealingKey | undefined {
  switch (first?.kind) {
    case undefined:
      return undefined;
    case 'usable':
      return first.key;
    case 'unusable':
      throw new MigrateError(
        'config',
        `backups.key asks for encrypted backups, and ${first.variable} ${first.why}. Nothing was changed.`,
        { next: howToMakeKey(first.variable) },
      );
  }
}

/** For whoever has none, or one that cannot be used. */
export function howToMakeKey(variable: string): string {
  return `Set ${variable} in the environment or in .env. A new key: openssl rand -base64 32. Keep it elsewhere, too: without it nothing can be restored.`;
}

/**
 * What a file of a backup was encrypted with.
 *
 * @throws MigrateError `config` where that key is not here
 */
export function keyOf(keys: readonly BackupKey[], id: string, { key: fingerprint }: Encrypted): SealingKey {
  for (const one of keys) {
    if (one.kind === 'usable' && one.key.fingerprint === fingerprint) return one.key;
  }
  const has = keys.map((one) =>
    one.kind === 'usable' ? `${one.variable} is ${one.key.fingerprint}` : `${one.variable} ${one.why}`,
  );
  const here = has.length === 0 ? 'backups.key names none' : has.join(', ');
  throw new MigrateError(
    'config',
    `${id} is encrypted with the key ${fingerprint}, which is not here: ${here}. Nothing was changed.`,
    {
      next: "Name the variable that holds it in the config, too, after the first one: backups: { key: [env('NEW'), env('OLD')] }",
    },
  );
}

/** Whether a backup of a database can be read with what is here. */
export function isKeyHere(keys: readonly BackupKey[], { encrypted }: Pick<KeptFile, 'encrypted'>): boolean {
  return (
    encrypted === undefined ||
    keys.some((one) => one.kind === 'usable' && one.key.fingerprint === encrypted.key)
  );
}

/**
 * For a backup that may have to be restored: before anything begins.
 *
 * @throws MigrateError `config` where the key of a copy is not here
 */
export function refuseWithoutKey(
  keys: readonly BackupKey[],
  { id, databases }: { readonly id: string; readonly databases: readonly BackedUpDatabase[] },
): void {
  for (const one of databases) {
    if (one.kind === 'copy' && one.encrypted) keyOf(keys, id, one.encrypted);
  }
}
