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
  let waiting = '';
  const flush = () => {
    if (file === undefined || waiting === '') return;
    const text = waiting;
    waiting = '';
    try {
      writeSync(file, text);
    } catch {
      // The log is for people; a full disk must not end a run over it. The ledger is what a run depends on.
      file = undefined;
    }
  };
  // A write a statement would cost more than most statements do.
  const write = (entry: TraceEntry) => {
    if (file === undefined) return;
    if (waiting === '') setTimeout(flush, 100).unref();
    waiting += `${JSON.stringify(shortened(entry))}\n`;
    if (waiting.length > 65_536) flush();
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
      flush();
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** A migration of many megabytes is in its own file; the log names its beginning. */
function shortened(entry: TraceEntry): TraceEntry {
  return entry.what.length <= longest ? entry : { ...entry, what: `${entry.what.slice(0, longest)}…` };
}

const bound = 5000;
const longest = 2000;
