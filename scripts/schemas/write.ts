// Writes meta/*.schema.json from the types: node scripts/schemas/write.ts
import { writeFileSync } from 'node:fs';
import { schemaFiles } from './files.ts';

for (const [name, schema] of Object.entries(schemaFiles)) {
  writeFileSync(new URL(`../../meta/${name}`, import.meta.url), `${JSON.stringify(schema, undefined, 2)}\n`);
}
