import { Ajv2020 } from 'ajv/dist/2020.js';
import { schemaFiles } from '../../scripts/schemas/files.ts';

/** What does not fit a published schema, one line each; empty when all does. */
export function misfits(name: string, data: unknown): readonly string[] {
  const schema = schemaFiles[`${name}.schema.json`];
  if (typeof schema !== 'object' || schema === null) throw new Error(`There is no schema ${name}.`);
  const validate = new Ajv2020({ allErrors: true }).compile(schema);
  if (validate(data)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
