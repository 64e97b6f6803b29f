import { relative, sep } from 'node:path';

/** Relative to the project, with slashes on any machine. */
export function shownFile(file: string, root: string): string {
  return relative(root, file).split(sep).join('/');
}
