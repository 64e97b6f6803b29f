import type { Address } from '../project.ts';
import { bad, type Place } from '../config/shape.ts';

/** What an address of the configuration that cannot be meant comes to. Throws `config` for one that stands in the file. */
export function unusable(problem: string, at: Place, variable: string | undefined): Address {
  if (variable === undefined) {
    throw bad(
      at,
      `cannot be used: ${problem}`,
      `Write a URL such as file:local.db, libsql://name.turso.io or postgres://user@host/name in ${at.file}.`,
    );
  }
  // A variable concerns this environment only; its value is never shown, because it may hold a secret.
  return {
    kind: 'unavailable',
    shown: `${variable} is no URL`,
    why: `The value of ${variable}, which ${at.key} uses, cannot be used: ${problem}.`,
  };
}
