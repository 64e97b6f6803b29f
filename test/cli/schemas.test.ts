import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { schemaFiles } from '../../scripts/schemas/files.ts';

describe('the published schemas', () => {
  test.each(Object.keys(schemaFiles))(
    'meta/%s is valid and what the types say (node scripts/schemas/write.ts writes it)',
    (name) => {
      const published: unknown = JSON.parse(readFileSync(`meta/${name}`, 'utf8'));
      expect(published).toEqual(JSON.parse(JSON.stringify(schemaFiles[name])));
      expect(new Ajv2020({ strict: true }).validateSchema(schemaFiles[name] ?? {})).toBe(true);
    },
  );

  test.each(Object.keys(schemaFiles).filter((name) => !noAnswers.has(name)))(
    'meta/%s, of an answer to a question, declares what it may say besides',
    (name) => {
      expect(schemaFiles[name]).toMatchObject({
        properties: { notices: { type: 'array', items: { type: 'string' } } },
      });
    },
  );
});

/** Lines of a stream, and what is printed or sent without a question. */
const noAnswers: ReadonlySet<string> = new Set([
  'status-opening.schema.json',
  'squash.schema.json',
  'squash-proof.schema.json',
  'event.schema.json',
  'notification.schema.json',
  'failure.schema.json',
]);
