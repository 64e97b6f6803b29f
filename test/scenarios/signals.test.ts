import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { nameOf, program, startProgram } from '../support/program.ts';
import { all, appliedBefore, boundariesOf, copyOf, look, shop, type Boundaries } from '../support/shop.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
afterEach(() => project[Symbol.dispose]());

const deploy = ['deploy', 'staging', '--yes', '--json'];
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const moments = [
  'started',
  'step-started backup',
  'step-started dry-run',
  'confirmed',
  'step-started lock',
  'step-finished lock',
  'step-started migrate',
  'step-finished migrate',
  'step-started verify',
];

test(
  'a signal at any step of a deploy: 130 with everything as before, or 5 with what was applied, or it was done; the lock is given back',
  { timeout: 240_000 },
  async () => {
    project = await shop();
    const boundaries = await boundariesOf(project);
    const told: string[] = [];
    for (const [at, moment] of moments.entries()) {
      for (const signal of at % 3 === 0 ? signals : [signals[at % 3] ?? 'SIGINT']) {
        told.push(`${signal} at ${moment}: ${await interrupted(moment, signal, boundaries)}`);
      }
    }
    process.stdout.write(`${told.join('\n')}\n`);
    expect(told.filter((line) => line.endsWith(': 130')).length).toBeGreaterThan(3);
  },
);

test.each(signals)(
  '%s between the statements of the second migration: the first stays, the second is undone in full',
  async (signal) => {
    project = smallProject();
    addSlow();
    await using running = await startProgram(deploy, { cwd: project.root, env: project.env });
    await running.line(
      ({ step, kind, tag, number }) =>
        kind === 'statement' && step === 'migrate' && tag === '0002_slow' && number === 2,
    );
    running.signal(signal);
    const { exitCode } = await running.ended;
    expect(exitCode).toBe(5);
    expect(running.lines.at(-1)).toMatchObject({
      kind: 'failed',
      code: 'stopped-part-way',
      applied: [{ tag: '0000_teams' }, { tag: '0001_members' }],
      failed: { tag: '0002_slow' },
      notBegun: [],
      next: expect.stringMatching(/again/),
    });
    expect(rows("SELECT name FROM sqlite_schema WHERE name LIKE 'slow%'")).toEqual([]);
    expect(rows('SELECT run FROM __migrate_tui_lease')).toEqual([{ run: null }]);
    const listed = await program(['runs', '--json'], { cwd: project.root, env: project.env });
    expect(JSON.stringify(listed.last)).toContain('"outcome":"stopped"');
  },
);

test('a message that stands for a signal stops it at the next boundary, and whoever may send one keeps nothing alive', async () => {
  project = smallProject();
  addSlow();
  const options = { cwd: project.root, env: project.env, channel: 'messages' } as const;
  await using running = await startProgram(deploy, options);
  await running.line(
    ({ step, kind, tag, number }) =>
      kind === 'statement' && step === 'migrate' && tag === '0002_slow' && number === 2,
  );
  running.process.send({ kind: 'stop', signal: 'SIGINT' });
  expect((await running.ended).exitCode).toBe(5);
  expect(running.lines.at(-1)).toMatchObject({
    code: 'stopped-part-way',
    applied: [{ tag: '0000_teams' }, { tag: '0001_members' }],
    failed: { tag: '0002_slow' },
  });
  await using again = await startProgram(deploy, options);
  expect((await again.ended).exitCode).toBe(0);
});

async function interrupted(
  moment: string,
  signal: NodeJS.Signals,
  boundaries: Boundaries,
): Promise<number | null> {
  using place = copyOf(project);
  await using running = await startProgram(deploy, { cwd: place.root, env: place.env });
  await running.line((line) => nameOf(line) === moment);
  running.signal(signal);
  const { exitCode } = await running.ended;
  const found = await look(join(place.root, 'staging.db'), boundaries);
  const applied = found.recorded.length;
  expect(found.schemaAt).toContain(applied);
  expect(found.lease?.run ?? null).toBeNull();
  const last = running.lines.at(-1);
  if (exitCode === 130) {
    expect(applied).toBe(appliedBefore);
    expect(last).toMatchObject({ kind: 'failed', code: 'interrupted', exitCode: 130, applied: [] });
  } else if (exitCode === 5) {
    expect(applied).toBeGreaterThan(appliedBefore);
    expect(last).toMatchObject({ kind: 'failed', exitCode: 5, next: expect.any(String) });
    expect(last?.['applied']).toHaveLength(applied - appliedBefore);
  } else {
    expect(`${moment}: ${exitCode} ${applied} ${JSON.stringify(last)}`).toMatch(new RegExp(`: 0 ${all} `));
  }
  return exitCode;
}

/** Statements that take a while, so that a signal meets the migration at work. */
function addSlow(): void {
  const many =
    'WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 400000) SELECT count(*) FROM c';
  project.add('0002_slow', [
    'CREATE TABLE slow (n integer);',
    ...Array.from({ length: 20 }, () => `INSERT INTO slow ${many};`),
  ]);
}

function rows(sql: string) {
  using database = new DatabaseSync(join(project.root, 'staging.db'), { timeout: 10_000 });
  return database
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }));
}
