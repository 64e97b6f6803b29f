import { openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { openSession, type Session } from '../session.ts';
import type { TraceEntry } from '../operations/trace.ts';
import type { Invocation } from './invocation.ts';
import { toJson } from './output/json.ts';

/** Opens the session that the flags ask for. */
export function openWith({ command, given, cwd, env, output }: Invocation): Promise<Session> {
  const log = given.value('log');
  return openSession({
    cwd,
    config: given.value('config'),
    project: given.value('project'),
    env,
    showValues: given.has('show-values') ? 'show' : 'hide',
    unset: command.name === 'lint' ? 'stand-in' : 'missed',
    ...(log === undefined ? {} : { onTrace: tracer(resolve(cwd, log), (says) => output.say(says)) }),
  });
}

/** Appends to the command log. When its disk fails later, that is said once and the work goes on. */
function tracer(file: string, say: (text: string) => void): (entry: TraceEntry) => void {
  const descriptor = openLog(file);
  let broken = false;
  return (entry) => {
    if (broken) return;
    try {
      writeSync(descriptor, `${toJson(entry)}\n`);
    } catch (error) {
      broken = true;
      say(`The command log ${file} cannot be written any more: ${reason(error)}`);
    }
  };
}

function openLog(file: string): number {
  try {
    return openSync(file, 'a', 0o600);
  } catch (error) {
    throw new MigrateError('usage', `The command log ${file} cannot be written: ${reason(error)}`, {
      next: 'Name a file in a folder that exists and can be written.',
      cause: error,
    });
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
