import type { Question } from '../../operations/questions.ts';
import type { SchemaReport } from '../../operations/reports.ts';
import { schemaText } from '../../operations/drift/schema-text.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { schemaOfTarget } from '../target/schema-of.ts';
import type { Workspace } from '../workspace.ts';

/** The canonical text of each database of an environment. Only reads. */
export async function answerSchema(
  workspace: Workspace,
  { environment: name, databases }: Extract<Question, { kind: 'schema' }>,
  signal: AbortSignal | undefined,
): Promise<SchemaReport> {
  const environment = workspace.environment(name);
  const found: SchemaReport['databases'][number][] = [];
  for (const target of workspace.targetsOf(environment, databases)) {
    await using engine = await workspace.open(target.target, environment, {
      purpose: 'question',
      ifMissing: 'refuse',
      ...(signal ? { signal } : {}),
    });
    const schema = await schemaOfTarget(engine, target);
    found.push({
      database: target.database.name,
      fingerprint: fingerprint(schema),
      objects: schema.objects.length,
      text: schemaText(schema),
    });
  }
  return { schemaVersion: 1, kind: 'schema', environment: name, databases: found };
}
