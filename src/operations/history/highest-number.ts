import type { Entry } from '../../bookkeeping/bookkeeping.ts';

/** The highest number that is recorded, whether its file is there or not; undefined when none is. */
export function highestNumber(entries: readonly Entry[]): bigint | undefined {
  return entries.reduce<bigint | undefined>((highest, { version }) => {
    if (version === undefined) return highest;
    const number = BigInt(version);
    return highest === undefined || number > highest ? number : highest;
  }, undefined);
}
