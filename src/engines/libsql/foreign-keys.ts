import { guard } from '../../sql/guard.ts';
import { SqlError } from '../engine.ts';

/** What foreign keys are switched to, on one connection. */
export type ForeignKeysSetting = 'on' | 'off';

/** A statement that raises where the connection's setting is another one: inside a transaction nothing changes it. */
export function foreignKeysAre(value: ForeignKeysSetting): string {
  return guard(
    foreignKeysGuard,
    `(SELECT foreign_keys FROM pragma_foreign_keys) = ${value === 'on' ? 1 : 0}`,
  );
}

/** The name by which it raises. */
export const foreignKeysGuard = 'foreign-keys-switch';

export function foreignKeysNotSet(value: ForeignKeysSetting, location: string, cause: unknown): SqlError {
  return new SqlError(`foreign keys could not be switched ${value} on ${location}; everything was undone`, {
    code: 'FOREIGN_KEYS_NOT_SET',
    cause,
  });
}
