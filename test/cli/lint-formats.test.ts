import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { githubLines } from '../../src/cli/text/lint-github.ts';
import { lintSarif } from '../../src/cli/text/lint-sarif.ts';
import type { LintFinding, LintReport } from '../../src/operations/reports.ts';

const finding: LintFinding = {
  rule: 'drop-column',
  severity: 'warning',
  database: 'app',
  tag: '0002_drop',
  statement: 1,
  line: 3,
  column: 5,
  endLine: 3,
  endColumn: 38,
  message: 'The column teams.name is dropped with its values.',
  fix: 'Later.',
  file: 'drizzle/0002_drop.sql',
};

const report = (findings: readonly LintFinding[], within?: string): LintReport => ({
  schemaVersion: 1,
  kind: 'lint',
  findings,
  rules: [{ id: 'drop-column', title: 'A column is dropped.', why: 'Its values are gone.', fix: 'Later.' }],
  databases: [{ database: 'app', looked: 1, of: 1, notes: [] }],
  ...(within === undefined ? {} : { within }),
});

test('an annotation is a line with its place, from the root of the repository', () => {
  expect(githubLines(report([finding], 'apps/web'))).toEqual([
    '::warning file=apps/web/drizzle/0002_drop.sql,line=3,endLine=3,col=5,endColumn=38,title=drop-column::The column teams.name is dropped with its values.%0ASafe way: Later.',
  ]);
});

test('what would end an annotation or one of its properties is written as GitHub reads it back', () => {
  const odd = {
    ...finding,
    severity: 'info' as const,
    file: 'a,b:c%/x.sql',
    message: '100%\r\n::error::no',
    environments: ['a:b'],
  };
  const [line = '', ...more] = githubLines(report([odd]));
  expect(more).toEqual([]);
  expect(line).toBe(
    '::notice file=a%2Cb%3Ac%25/x.sql,line=3,endLine=3,col=5,endColumn=38,title=drop-column  (a%3Ab only)::100%25%0D%0A::error::no%0ASafe way: Later.',
  );
});

test('columns are left out where a statement goes over several lines: GitHub shows them within one', () => {
  const [line] = githubLines(report([{ ...finding, endLine: 9 }]));
  expect(line).toContain('line=3,endLine=9,title=');
});

// What the standard demands of the parts that are there, and of paths what code scanning does.
const sarif = new Ajv2020({ allErrors: true }).compile({
  type: 'object',
  required: ['version', 'runs'],
  properties: {
    $schema: { type: 'string' },
    version: { const: '2.1.0' },
    runs: { type: 'array', items: { $ref: '#/$defs/run' } },
  },
  additionalProperties: false,
  $defs: {
    text: {
      type: 'object',
      required: ['text'],
      properties: { text: { type: 'string', minLength: 1 }, markdown: { type: 'string' } },
      additionalProperties: false,
    },
    run: {
      type: 'object',
      required: ['tool', 'results'],
      properties: {
        tool: {
          type: 'object',
          required: ['driver'],
          properties: {
            driver: {
              type: 'object',
              required: ['name'],
              properties: {
                name: { type: 'string' },
                version: { type: 'string' },
                rules: {
                  type: 'array',
                  uniqueItems: true,
                  items: {
                    type: 'object',
                    required: ['id'],
                    properties: {
                      id: { type: 'string' },
                      name: { type: 'string' },
                      shortDescription: { $ref: '#/$defs/text' },
                      fullDescription: { $ref: '#/$defs/text' },
                      help: { $ref: '#/$defs/text' },
                    },
                    additionalProperties: false,
                  },
                },
              },
              additionalProperties: false,
            },
          },
        },
        columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
        originalUriBaseIds: { type: 'object' },
        results: {
          type: 'array',
          items: {
            type: 'object',
            required: ['message'],
            properties: {
              ruleId: { type: 'string' },
              ruleIndex: { type: 'integer', minimum: 0 },
              level: { enum: ['none', 'note', 'warning', 'error'] },
              message: { $ref: '#/$defs/text' },
              locations: {
                type: 'array',
                items: {
                  type: 'object',
                  properties: {
                    physicalLocation: {
                      type: 'object',
                      required: ['artifactLocation', 'region'],
                      properties: {
                        artifactLocation: {
                          type: 'object',
                          required: ['uri'],
                          properties: {
                            uri: { type: 'string', pattern: '^[^/\\\\: ]' },
                            uriBaseId: { type: 'string' },
                          },
                          additionalProperties: false,
                        },
                        region: {
                          type: 'object',
                          required: ['startLine'],
                          properties: {
                            startLine: { type: 'integer', minimum: 1 },
                            startColumn: { type: 'integer', minimum: 1 },
                            endLine: { type: 'integer', minimum: 1 },
                            endColumn: { type: 'integer', minimum: 1 },
                          },
                          additionalProperties: false,
                        },
                      },
                    },
                  },
                  additionalProperties: false,
                },
              },
            },
            additionalProperties: false,
          },
        },
      },
      additionalProperties: false,
    },
  },
});

test('SARIF is what version 2.1.0 asks for, with each result at its rule and its place', () => {
  const { column: _, endLine: __, endColumn: ___, ...whole } = finding;
  const log = lintSarif(
    report([finding, { ...whole, file: 'drizzle/ä b#.sql', environments: ['production'] }], 'apps/web'),
  );
  expect([sarif(JSON.parse(JSON.stringify(log))), sarif.errors]).toEqual([true, null]);
  const [{ tool, results } = { tool: undefined, results: [] }] = log.runs;
  expect(results.map(({ ruleIndex }) => tool?.driver.rules[ruleIndex]?.id)).toEqual([
    'drop-column',
    'drop-column',
  ]);
  expect(results.map(({ locations }) => locations[0]?.physicalLocation)).toEqual([
    {
      artifactLocation: { uri: 'apps/web/drizzle/0002_drop.sql', uriBaseId: 'SRCROOT' },
      region: { startLine: 3, startColumn: 5, endLine: 3, endColumn: 38 },
    },
    {
      artifactLocation: { uri: 'apps/web/drizzle/%C3%A4%20b%23.sql', uriBaseId: 'SRCROOT' },
      region: { startLine: 3 },
    },
  ]);
  expect(results[1]?.message.text).toContain('(production only)');
});

test('SARIF of nothing found is a run with no results: code scanning closes what it knew', () => {
  const log = lintSarif({ ...report([]), rules: [] });
  expect([sarif(JSON.parse(JSON.stringify(log))), log.runs[0]?.results]).toEqual([true, []]);
});
