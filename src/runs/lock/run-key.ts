import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { sha256 } from '../../lib/hash.ts';
import { isAlive } from '../../lib/is-alive.ts';

/** Names a run on every machine: its number in its ledger, its process, where that runs, and chance. */
export function makeRunKey(run: number): string {
  return [run, process.pid, machine(), randomBytes(4).toString('hex')].join('.');
}

/** What became of a run's process: known only where it ran. */
export function fateOf(key: string): 'alive' | 'gone' | 'unknown' {
  const [, pid, where] = key.split('.');
  if (where !== machine()) return 'unknown';
  return isAlive(Number(pid)) ? 'alive' : 'gone';
}

/** The process that a key names; undefined where it is none of ours. */
export function processOf(key: string): number | undefined {
  const pid = Number(key.split('.')[1]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

let known: string | undefined;

/** Two containers may share a host name, and a process number says nothing across them or across a restart. */
function machine(): string {
  known ??= sha256([hostname(), bootId(), processNamespace()].join('\n')).slice(0, 12);
  return known;
}

function bootId(): string {
  return process.platform === 'linux'
    ? orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
    : '';
}

function processNamespace(): string {
  return process.platform === 'linux' ? orNothing(() => readlinkSync('/proc/self/ns/pid')) : '';
}

/** A sandbox may hide these files; the host name alone is then all there is. */
function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
