import type { turns } from '../../turns.ts';
import type { Pglite } from './package.ts';

/** A folder that this process has open for changes: two of PGlite on one folder would destroy it. */
export interface HeldPglite {
  readonly pglite: Pglite;
  /** Whoever uses it waits for the others. */
  readonly inTurn: ReturnType<typeof turns>;
}

/** @returns undefined where the folder is not open here */
export function heldPglite(folder: string): HeldPglite | undefined {
  return held.get(folder);
}

/** Keeps it known until it is disposed. */
export function holdPglite(folder: string, one: HeldPglite): Disposable {
  held.set(folder, one);
  return { [Symbol.dispose]: () => void held.delete(folder) };
}

const held = new Map<string, HeldPglite>();
