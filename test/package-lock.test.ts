import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('the lock file has the packages of every platform, so that npm ci takes it anywhere', () => {
  const script = fileURLToPath(new URL('../scripts/complete-lock.js', import.meta.url));
  const said = execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(said).toContain('missing from package-lock.json: 0');
});
