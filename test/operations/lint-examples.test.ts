import { afterAll, beforeAll, expect, test } from 'vitest';
import { lintFindings } from '../../src/operations/lint.ts';
import { allRules } from '../../src/rules/all-rules.ts';
import { isPostgres, severityFor, type RuleEngine, type RuleExample } from '../../src/rules/rule.ts';
import { runRules } from '../../src/rules/run-rules.ts';
import { readForeignKeys } from '../../src/schema/foreign-keys.ts';
import { readSchema } from '../../src/schema/read.ts';
import type { Query } from '../../src/sql/statement.ts';
import { openMemory } from '../schema/open-memory.ts';
import { openPostgres, type Opened } from '../schema/postgres/opened.ts';

let server: Opened;
beforeAll(async () => {
  server = await openPostgres();
}, 30_000);
afterAll(() => server[Symbol.asyncDispose]());

const engines = ['libsql-remote', 'd1-remote', 'postgres'] as const;
const cases = allRules.flatMap((rule) =>
  engines
    .filter((engine) => severityFor(rule, engine) !== 'off')
    // The examples of a rule for all are written for SQLite, which takes columns without a type.
    .filter((engine) => !isPostgres(engine) || rule.severity.file === 'off')
    .map((engine) => [rule.id, engine, [...rule.rejects, ...rule.accepts]] as const),
);

test.each(cases)(
  'the examples of %s on %s give the same from the files alone as from the database that the files made',
  async (_rule, engine, examples) => {
    for (const example of examples) {
      const found = await fromDatabase(example, engine);
      expect(fromFiles(example, engine), example.sql.join('; ').slice(0, 200)).toEqual(found);
    }
  },
  30_000,
);

function fileOf(tag: string, { sql, chunks, terminators }: RuleExample) {
  const statements = sql.map((text, at) => ({
    sql: text,
    line: at + 1,
    chunk: chunks?.[at] ?? at + 1,
    ...(terminators?.[at] === 'none' ? { terminator: 'none' as const } : {}),
  }));
  return { tag, statements };
}

async function fromDatabase(example: RuleExample, engine: RuleEngine) {
  const judge = async (query: Query) =>
    runRules({
      database: 'app',
      migrations: [fileOf('0001', example)],
      schema: await readSchema(query),
      foreignKeys: await readForeignKeys(query),
      engine,
    });
  if (isPostgres(engine)) return server.within(example.given ?? [], () => judge(server.query));
  await using database = await openMemory(example.given);
  return await judge(database.query);
}

function fromFiles(example: RuleExample, engine: RuleEngine) {
  return lintFindings({
    database: 'app',
    migrations: [fileOf('0000', { sql: example.given ?? [] }), fileOf('0001', example)],
    schema: { objects: [] },
    foreignKeys: [],
    madeBefore: 'long-ago',
    wanted: (tag) => tag === '0001',
    grounds: [{ engine, environments: [], named: undefined }],
  }).map(({ finding }) => finding);
}
