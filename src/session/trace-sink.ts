import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TraceEntry } from '../operations/trace.ts';

/** Where everything that leaves the program is noted; none of it can hold up or fail what is being done. */
export interface TraceSink {
  readonly note: (entry: TraceEntry) => void;
  /** From now on also into this file, with what was noted before. */
  keepIn(file: string): void;
  close(): void;
}

/** @param listener told of every entry as it happens */
export function openTraceSink(listener: ((entry: TraceEntry) => void) | undefined): TraceSink {
  let before: TraceEntry[] = [];
  let file: number | undefined;
  const write = (entry: TraceEntry) => {
    if (file === undefined) return;
    try {
      writeSync(file, `${JSON.stringify(entry)}\n`);
    } catch {
      // The log is for people; a full disk must not end a run over it. The ledger is what a run depends on.
      file = undefined;
    }
  };
  return {
    note: (entry) => {
      if (file === undefined && before.length < bound) before.push(entry);
      write(entry);
      listener?.(entry);
    },
    keepIn: (path) => {
      mkdirSync(dirname(path), { recursive: true });
      file = openSync(path, 'a', 0o600);
      for (const entry of before) write(entry);
      before = [];
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

const bound = 5000;
