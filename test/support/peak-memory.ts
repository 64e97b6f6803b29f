import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Makes every Node process that is started with `env` say how much memory it had at most.
 *
 * @returns `read`: the largest of them so far, in bytes
 */
export function watchPeakMemory(folder: string) {
  const log = join(folder, 'peak.txt');
  const preload = join(folder, 'peak.mjs');
  writeFileSync(log, '');
  writeFileSync(
    preload,
    `import { appendFileSync } from 'node:fs';
process.on('exit', () => appendFileSync(${JSON.stringify(log)}, process.resourceUsage().maxRSS + '\\n'));`,
  );
  return {
    env: { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}` },
    read: () => 1024 * Math.max(...readFileSync(log, 'utf8').trim().split('\n').map(Number)),
  };
}
