import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a file for the person into the project's `.migrate-tui/exports/`, and says where, or why not. */
export function exportFile(
  root: string,
  name: string,
  content: string,
): { readonly level: 'info' | 'error'; readonly text: string } {
  const path = join('.migrate-tui', 'exports', name);
  try {
    mkdirSync(join(root, '.migrate-tui', 'exports'), { recursive: true });
    writeFileSync(join(root, path), content);
    return { level: 'info', text: `Written: ${path}` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { level: 'error', text: `${path} could not be written: ${why}` };
  }
}
