import { safe } from '../lib/safe-text.ts';
import { breakpointMarker } from './split.ts';

/**
 * A comment of one line, whatever the names in it: PostgreSQL ends one at a carriage return, too, and a breakpoint would
 * cut the file in the middle of it.
 */
export function commentLine(text: string): string {
  const line = safe(text.replaceAll(/\s+/g, ' '), { lines: 'one' });
  return `-- ${line.replaceAll(breakpointMarker, 'a breakpoint')}`;
}
