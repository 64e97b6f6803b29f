import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process and all that it started and that still runs (Linux; elsewhere none). */
export function processTree(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)?.trim();
  if (children === undefined) return [];
  return [pid, ...children.split(' ').filter(Boolean).map(Number).flatMap(processTree)];
}

/** The most memory that a process had so far, in bytes; 0 when it has ended, or where the system does not tell. */
export function peakMemoryOf(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** One that has ended and that nobody has asked about yet counts as ended. */
export function isRunning(pid: number): boolean {
  const state = /^State:\s+(\w)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Files that have no name any more and that a process still has open, as paths that can be read. */
export function unnamedFilesOf(pid: number): readonly string[] {
  try {
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`);
    return open.filter((path) => /^\/(?!memfd:|dev\/).* \(deleted\)$/.test(readlinkSync(path)));
  } catch {
    // It ended, or closed one, meanwhile: the next look tells.
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
