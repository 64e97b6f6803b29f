import { expect, test } from 'vitest';
import { kitProblem, saysServerError } from '../../src/operations/kit-problem.ts';

// As drizzle-kit 0.31 printed it, ending with 0.
const refusedByServer = `Using 'pg' driver for database querying
 error: cannot drop sequence done_id_seq because other objects depend on it
    at /project/node_modules/pg-pool/index.js:45:11
    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)
    at async pgPush (/project/node_modules/drizzle-kit/bin.cjs:82768:13) {
  length: 271,
  severity: 'ERROR',
  code: '2BP01',
  detail: 'default value for column id of table done depends on sequence done_id_seq',
}`;

test('what a PostgreSQL server refused is no mistake in the schema code', () => {
  expect(kitProblem(refusedByServer)).toEqual({
    kind: 'other',
    message: 'cannot drop sequence done_id_seq because other objects depend on it',
  });
  expect(saysServerError(refusedByServer)).toBe(true);
  expect(saysServerError('[✓] Changes applied')).toBe(false);
});

test('schema code that throws is named by the first file that is no package and none of Node', () => {
  const text = `Error: no such table
    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)
    at Object.<anonymous> (/project/schema.ts:3:7)
    at Module._compile (node:internal/modules/cjs/loader:1554:14)`;
  const found = { kind: 'code', file: '/project/schema.ts', line: 3, message: 'no such table' };
  expect(kitProblem(text)).toEqual(found);
  expect(
    kitProblem(text.replace('Object.<anonymous> (/project/schema.ts:3:7)', '/project/schema.ts:3:7')),
  ).toEqual(found);
  expect(kitProblem(text.replace('(/project', '(file:///project'))).toEqual(found);
});

test('progress without an error is no reason', () => {
  // As drizzle-kit 0.31 printed it without a connection to Cloudflare, ending with 1.
  const text = `No config path provided, using default 'drizzle.config.ts'
Reading config file '/project/drizzle.config.ts'
Pulling from ['public'] list of schemas

[⣷] 0 tables fetching
\u001B[2K\u001B[1G[⣷] 0 tables fetching
[⣷] 0 columns fetching`;
  const message = 'it gave no reason, as where the server of the database cannot be reached';
  expect(kitProblem(text)).toEqual({ kind: 'other', message });
  expect(kitProblem(`${text}\nError: no such table`)).toEqual({ kind: 'other', message: 'no such table' });
});
