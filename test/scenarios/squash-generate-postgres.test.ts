import { appendFile, readFile, readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { SquashReport } from '../../src/operations/squash/report.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { squashIn } from '../support/squashing.ts';

test.each(['drizzle-0', 'drizzle-1'] as const)(
  'the drizzle-kit of %s finds nothing to generate beside the one file of a PostgreSQL history, and goes on from it',
  { timeout: 180_000 },
  async (line) => {
    await using project = await kitProject(line, 'postgresql');
    await project.columns('title');
    await appendFile(project.file('schema.ts'), more);
    await generate(project, 'one');
    await project.columns('title', 'body!');
    await appendFile(project.file('schema.ts'), more);
    const [second = ''] = await generate(project, 'two');
    await appendFile(project.file(second), byHand);
    await project.columns('title', 'body!', 'notes');
    await appendFile(project.file('schema.ts'), more);
    await generate(project, 'three');
    const squashed = await squashIn(placeOf(project), { to: tagOf(second), consent: 'given' });
    expectNothingToGenerate(squashed);
    expect(await sqlFiles(project)).toHaveLength(2);
    expect(await generate(project, 'nothing')).toEqual([]);
    // And once more, with the one file in it.
    expectNothingToGenerate(await squashIn(placeOf(project), { consent: 'given' }));
    expect(await sqlFiles(project)).toHaveLength(1);
    await project.columns('title', 'body!', 'notes', 'last');
    await appendFile(project.file('schema.ts'), more);
    const [fourth = ''] = await generate(project, 'four');
    expect(await readFile(project.file(fourth), 'utf8')).toMatch(
      /^ALTER TABLE "posts" ADD COLUMN "last" text;/,
    );
    const applied = await carryOut(placeOf(project), {
      kind: 'apply',
      environment: 'local',
      selection,
      consent,
    });
    expect(applied.at(-1)).toMatchObject({ kind: 'done' });
  },
);

function expectNothingToGenerate(report: SquashReport): void {
  expect(report).toMatchObject({ state: 'written', refusals: [] });
  expect(report.proof.at(-1)).toMatchObject({
    check: 'generate',
    state: 'proven',
    says: expect.stringMatching(/sees no difference|the schema code is ahead/),
  });
}

function tagOf(file: string): string {
  return file.replace(/^drizzle\//, '').replace(/(?:\/migration)?\.sql$/, '');
}

/** What drizzle-kit knows of PostgreSQL besides. */
const more = `
import { index, pgEnum, pgPolicy, pgSchema, pgSequence, pgView, serial, timestamp, unique } from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';
export const mood = pgEnum('mood', ['sad', "it's"]);
export const app = pgSchema('app');
export const numbers = pgSequence('numbers', { startWith: 100, increment: 5 });
export const notes = app.table('notes', {
  id: serial('id').primaryKey(),
  mood: mood('mood').array().default(sql\`'{sad}'\`),
  postId: integer('post_id').references(() => posts.id, { onDelete: 'cascade' }),
  at: timestamp('at', { withTimezone: true }).defaultNow().notNull(),
}, (t) => [index('notes_at').on(t.at.desc()), unique().on(t.postId, t.at), pgPolicy('own', { for: 'select', to: 'public', using: sql\`true\` })]).enableRLS();
export const titles = pgView('titles').as((q) => q.select({ title: posts.title }).from(posts));
`;

const byHand = `
--> statement-breakpoint
INSERT INTO posts (title) VALUES ('first');
--> statement-breakpoint
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.notes (post_id) VALUES (NEW.id); RETURN NEW; END $$;
--> statement-breakpoint
CREATE TRIGGER noting AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION noted();
`;

function placeOf({ path, env }: KitProject) {
  return { root: path, env: { XDG_STATE_HOME: String(env['XDG_STATE_HOME']) } };
}

async function generate(project: KitProject, name: string): Promise<readonly string[]> {
  await using session = await project.session();
  const { sql } = await session.generate({ database: undefined, name, terminal: 'none', signal: undefined });
  return sql;
}

async function sqlFiles(project: KitProject): Promise<readonly string[]> {
  const all = await readdir(project.file('drizzle'), { recursive: true });
  return all.filter((name) => name.endsWith('.sql'));
}
