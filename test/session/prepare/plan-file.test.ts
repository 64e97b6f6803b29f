import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPlanFile } from '../../../src/session/prepare/plan-file.ts';
import { program } from '../../support/program.ts';
import { smallProject, type SmallProject } from '../../support/small-project.ts';

type Path = readonly (string | number)[];

let project: SmallProject;
let plan: unknown;
let file: string;
beforeAll(async () => {
  project = smallProject();
  await run('deploy', 'staging', '--yes', '--json');
  project.add('0002_clear', [
    'ALTER TABLE members ADD note text;',
    "UPDATE teams SET name = 'x';",
    'DELETE FROM teams;',
  ]);
  const { lines } = await run('dry-run', 'staging', '--json');
  plan = JSON.parse(readFileSync(String(lines.find(({ kind }) => kind === 'rehearsed')?.['plan']), 'utf8'));
  file = join(project.root, 'plan.json');
});
afterAll(() => project[Symbol.dispose]());

const others: readonly unknown[] = [undefined, null, 7.5, 'x', true, {}, ['x'], [{}]];

test('a plan with any part missing or of another kind is refused with the path of that part, or read', async () => {
  expect(await readMutated([], plan)).toBe('read');
  const paths = [...pathsOf(plan, [])];
  const refused = new Map<string, number>();
  for (const path of paths) {
    for (const other of others) {
      const came = await readMutated(path, other);
      if (came === 'read') continue;
      expect(came).toMatch(
        /plan\.json is no rehearsed plan of this version: [\w.[\]]+ is missing or is not what it should be\.$/,
      );
      expect(came).toContain(`: ${said(path)}`);
      refused.set(said(path), (refused.get(said(path)) ?? 0) + 1);
    }
  }
  expect(paths.length).toBeGreaterThan(80);
  // Numbers and texts may stand for themselves; nothing else may.
  for (const path of paths.filter((path) => typeof path.at(-1) === 'string'))
    expect(refused.get(said(path)), said(path)).toBeGreaterThanOrEqual(optional.test(said(path)) ? 5 : 6);
});

test.each([
  ['an empty list', '[]', 'the whole of it is missing'],
  ['a plan with a migration that has no tag', '', 'databases[0].migrations[0].tag is missing'],
])('%s ends a deploy with what is wrong with it, and exit code 2', async (_what, text, says) => {
  writeFileSync(
    file,
    text === '' ? JSON.stringify(mutated(['databases', 0, 'migrations', 0, 'tag'], {})) : text,
  );
  const { exitCode, last } = await run('deploy', 'staging', '--plan', file, '--yes', '--json');
  expect({ exitCode, last }).toMatchObject({
    exitCode: 2,
    last: {
      code: 'config',
      message: expect.stringContaining(says),
      next: 'migrate-tui dry-run ENV makes one and says where.',
    },
  });
});

const optional = /backup$|rows$|Before$|After$/;

/** As the message says it. */
function said(path: Path): string {
  return path.reduce<string>(
    (all, part) => (typeof part === 'number' ? `${all}[${part}]` : all === '' ? part : `${all}.${part}`),
    '',
  );
}

function* pathsOf(value: unknown, path: Path): Generator<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    yield* pathsOf(each, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function mutated(path: Path, other: unknown): unknown {
  const copy: unknown = structuredClone(plan);
  let at: unknown = copy;
  for (const part of path.slice(0, -1)) at = Reflect.get(Object(at), part);
  const last = path.at(-1);
  if (last !== undefined) Reflect.set(Object(at), last, other);
  return copy;
}

/** `read`, or why not. */
async function readMutated(path: Path, other: unknown): Promise<string> {
  writeFileSync(file, JSON.stringify(mutated(path, other)));
  try {
    await readPlanFile(file);
    return 'read';
  } catch (error) {
    expect(error).toMatchObject({ name: 'MigrateError', code: 'config' });
    return error instanceof Error ? error.message : '';
  }
}

function run(...args: readonly string[]) {
  return program(args, { cwd: project.root, env: project.env });
}
