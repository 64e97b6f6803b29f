import { MigrateError } from '../lib/errors.ts';
import type { MaskRule, Masks } from '../operations/copied-rows/masks.ts';
import type { Given } from './arguments.ts';

/** `--mask TABLE.COLUMN=RULE`: rules for this once. */
export function readMasks(given: Given): { readonly masks?: Masks } {
  const rules = given.values('mask').map(readMask);
  return rules.length === 0 ? {} : { masks: new Map(rules) };
}

function readMask(text: string): readonly [string, MaskRule] {
  const equals = text.lastIndexOf('=');
  const column = text.slice(0, Math.max(0, equals));
  const rule = text.slice(equals + 1);
  if (!/^[^.]+\..+$/.test(column)) {
    throw usage(text, 'does not name a table and a column', 'Write --mask TABLE.COLUMN=hash.');
  }
  if (rule === 'hash' || rule === 'null') return [column, rule];
  throw usage(
    text,
    'names no rule',
    rule === 'keep'
      ? `What is copied as it is, is answered for: --accept-unmasked ${column}.`
      : `Write --mask ${column}=hash or --mask ${column}=null.`,
  );
}

function usage(text: string, what: string, next: string): MigrateError {
  return new MigrateError('usage', `--mask ${JSON.stringify(text)} ${what}.`, { next });
}
