import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import type { RunEvent, RunEventBody } from '../operations/events.ts';
import { eventsFile, type Places } from './places.ts';

/**
 * The events of one run: pushed by the run, kept in a file, drained by readers at their own pace.
 * Nothing here waits for a reader, so a slow one or a dead one cannot hold up a transaction.
 */
export interface EventLog extends Disposable {
  emit(body: RunEventBody): RunEvent;
  /** Those so far. */
  all(): readonly RunEvent[];
  /** All events from the first, until `close`. Any number of readers. */
  read(): AsyncIterable<RunEvent>;
  /** Throws when the file could not be written: called where stopping is safe. */
  assertWritten(): void;
  close(): void;
}

/** Makes the file of a run's events. */
export function openEventLog(places: Pick<Places, 'runs'>, run: number): EventLog {
  const file = openLines(eventsFile(places, run));
  const events: RunEvent[] = [];
  let wake = Promise.withResolvers<void>();
  let closed = false;
  const announce = () => {
    const { resolve } = wake;
    wake = Promise.withResolvers<void>();
    resolve();
  };
  const close = () => {
    if (closed) return;
    closed = true;
    file[Symbol.dispose]();
    announce();
  };
  return {
    emit(body) {
      const event: RunEvent = { schemaVersion: 1, run, at: new Date().toISOString(), ...body };
      file.append(JSON.stringify(event));
      events.push(event);
      announce();
      return event;
    },
    all: () => events,
    async *read() {
      for (let next = 0; ; next += 1) {
        while (next >= events.length) {
          if (closed) return;
          await wake.promise;
        }
        const event = events[next];
        if (event) yield event;
      }
    },
    assertWritten: () => file.assertWritten(),
    close,
    [Symbol.dispose]: close,
  };
}

interface LineFile extends Pick<EventLog, 'assertWritten'>, Disposable {
  /** Never throws: an event is told where stopping may not be safe. */
  append(line: string): void;
}

function openLines(path: string): LineFile {
  const file = openFile(path);
  let failure: unknown;
  return {
    append(line) {
      try {
        writeSync(file, `${line}\n`);
      } catch (error) {
        failure ??= error;
      }
    },
    assertWritten() {
      if (failure !== undefined) throw unwritable(dirname(path), failure);
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}

function openFile(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'a', 0o600);
  } catch (cause) {
    throw unwritable(dirname(path), cause);
  }
}

function unwritable(folder: string, cause: unknown): MigrateError {
  return new MigrateError(
    'storage',
    `The events of the run cannot be written to ${folder}: ${String(cause)}.`,
    {
      next: 'Make the folder writable, with free space on its disk, and run it again.',
      cause,
    },
  );
}
