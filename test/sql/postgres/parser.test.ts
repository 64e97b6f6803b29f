import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// In a process of its own, whose memory nothing else takes. V8 takes 600 MB where it compiles the parser anew.
const parsesMany = `
import { parsedSpans } from ${JSON.stringify(new URL('../../../src/sql/postgres/parser.ts', import.meta.url).href)};
for (let number = 0; number < 1000; number += 1)
  await parsedSpans('CREATE TABLE t' + number + ' (id integer PRIMARY KEY NOT NULL, name text NOT NULL)');
console.log(process.resourceUsage().maxRSS * 1024);
`;

test('a folder with a thousand statements is parsed in 200 MB', async () => {
  // What V8 would do beside is done at once.
  const args = ['--wasm-sync-tier-up', '--input-type=module', '--eval', parsesMany];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(Number(stdout)).toBeLessThan(200e6);
});
