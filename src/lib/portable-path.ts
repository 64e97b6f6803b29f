import { relative, sep } from 'node:path';

/** `relative` of node:path with slashes on any machine: what is written to files and JSON is read on others too. */
export function portablePath(from: string, to: string): string {
  return relative(from, to).split(sep).join('/');
}
