import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluate, type EvaluateOptions } from '../../../src/project/evaluation/evaluate.ts';
import { place, type Place } from '../support.ts';

type Variables = Readonly<Record<string, string>>;

function optionsFor({ root, home }: Place, variables: Variables = {}): EvaluateOptions {
  return {
    file: join(root, 'drizzle.config.ts'),
    variables: { PATH: process.env['PATH'], ...variables },
    cache: join(home, 'cache'),
  };
}

async function refusal(project: Place, more: Partial<EvaluateOptions> = {}) {
  return evaluate({ ...optionsFor(project), ...more }).then(
    () => Promise.reject(new Error('It was evaluated.')),
    (error: unknown) => error,
  );
}

describe('a configuration that', () => {
  test('prints does not disturb its result', async () => {
    using project = place({
      'drizzle.config.ts':
        "console.log('{'); process.stdout.write('noise'); export default { dialect: 'sqlite' };",
    });
    expect(await evaluate(optionsFor(project))).toEqual({ dialect: 'sqlite' });
  });

  test('throws is quoted with its line, and without the values that it read', async () => {
    using project = place({
      'drizzle.config.ts':
        "interface A { a: 1 }\n\nthrow new Error('no answer from ' + process.env.DATABASE_URL);\nexport default {};",
    });
    const error = await refusal(
      project,
      optionsFor(project, { DATABASE_URL: 'libsql://secret.example.io?authToken=abc' }),
    );
    expect(error).toMatchObject({
      code: 'config',
      message: 'drizzle.config.ts stopped with: no answer from •••• (line 3).',
    });
  });

  test('throws in a file that it imports is quoted with that file', async () => {
    using project = place({
      'drizzle.config.ts': "import './src/url'; export default {};",
      'src/url.ts': "export const a = 1;\nthrow new Error('not today');",
    });
    expect(await refusal(project)).toMatchObject({
      message: 'drizzle.config.ts stopped with: not today (line 2 of src/url.ts).',
    });
  });

  test('reads a file that is not there is quoted with its own line', async () => {
    using project = place({
      'drizzle.config.ts':
        "import { readFileSync } from 'node:fs';\n\nexport default { url: readFileSync('url.txt', 'utf8') };",
    });
    expect(await refusal(project)).toMatchObject({
      message: "drizzle.config.ts stopped with: ENOENT: no such file or directory, open 'url.txt' (line 3).",
    });
  });

  test('misses a variable is told which one it read', async () => {
    using project = place({
      'drizzle.config.ts': "if (!process.env.DATABASE_URL) throw new Error('url?'); export default {};",
    });
    expect(await refusal(project)).toMatchObject({
      next: expect.stringContaining('It read DATABASE_URL, which is not set'),
    });
  });

  test('is no TypeScript is quoted with its line', async () => {
    using project = place({ 'drizzle.config.ts': 'export default {\n  dialect: ,\n};' });
    expect(await refusal(project)).toMatchObject({
      message: 'drizzle.config.ts stopped with: Unexpected token (line 2).',
    });
  });

  test('hangs is stopped', async () => {
    using project = place({ 'drizzle.config.ts': 'for (;;);' });
    expect(await refusal(project, { timeout: 600 })).toMatchObject({
      message: 'drizzle.config.ts did not finish within 0.6 s and was stopped.',
    });
  });

  test('waits for ever ends with the signal', async () => {
    using project = place({ 'drizzle.config.ts': 'await new Promise(() => setInterval(() => 1, 1000));' });
    const stopping = new AbortController();
    const refused = refusal(project, { signal: stopping.signal });
    stopping.abort();
    expect(await refused).toMatchObject({ code: 'interrupted' });
  });

  test('ends its process is told so, with the line', async () => {
    using project = place({ 'drizzle.config.ts': 'export default {};\nprocess.exit(3);' });
    expect(await refusal(project)).toMatchObject({
      message: 'drizzle.config.ts called process.exit(3) on line 2 before it could be read.',
    });
  });

  test('needs a package that is not there names it and the command of the project', async () => {
    using project = place({ 'drizzle.config.ts': "\nimport 'dotenv/config';\nexport default {};" });
    expect(await refusal(project)).toMatchObject({
      message: "drizzle.config.ts stopped with: Cannot find module 'dotenv/config' (line 2).",
      next: 'Install it: npm install --save-dev dotenv',
    });
    project.write({ 'pnpm-lock.yaml': '' });
    expect(await refusal(project)).toMatchObject({ next: 'Install it: pnpm add -D dotenv' });
  });

  test('has no default export is told what to write', async () => {
    using project = place({ 'drizzle.config.ts': 'export const config = {};' });
    expect(await refusal(project)).toMatchObject({ message: 'drizzle.config.ts has no default export.' });
  });

  test('leaves a timer running is read all the same', async () => {
    using project = place({ 'drizzle.config.ts': 'setInterval(() => 1, 1000); export default { a: 1 };' });
    expect(await evaluate(optionsFor(project))).toEqual({ a: 1 });
  });

  test('imports defineConfig needs neither drizzle-kit nor migrate-tui to be installed', async () => {
    using project = place({
      'drizzle.config.ts':
        "import { defineConfig } from 'drizzle-kit';\nimport { env } from 'migrate-tui';\nexport default defineConfig({ url: env('A') });",
    });
    expect(await evaluate(optionsFor(project))).toEqual({ url: 'env:A' });
  });
});

describe('the second start', () => {
  // Tells an evaluation from a kept result: nothing that the cache knows about is touched by it.
  const counting = `
    import { url } from './url';
    import fs from 'node:fs';
    const extra = fs.existsSync('extra.txt');
    fs.appendFileSync(new URL('../home/evaluations', import.meta.url), '.');
    export default { dialect: 'turso', dbCredentials: { url, authToken: process.env.TOKEN }, extra };`;
  const variables = { TOKEN: 'first-secret-token', URL_HOST: 'db.example.io' };
  const start = () => {
    const project = place({
      'drizzle.config.ts': counting,
      'url.ts': 'export const url = `libsql://${process.env.URL_HOST}`;',
    });
    const evaluations = () => readFileSync(join(project.home, 'evaluations'), 'utf8').length;
    return { project, evaluations };
  };

  test('does not evaluate again while nothing changed', async () => {
    const { project, evaluations } = start();
    using _ = project;
    const first = await evaluate(optionsFor(project, variables));
    expect(await evaluate(optionsFor(project, { ...variables, UNRELATED: '1' }))).toEqual(first);
    expect(evaluations()).toBe(1);
  });

  const changes: Readonly<Record<string, (project: Place) => void>> = {
    'the file': (project) => project.write({ 'drizzle.config.ts': `${counting} ` }),
    'a file that it imports': (project) =>
      project.write({ 'url.ts': 'export const url = "libsql://other.example.io";' }),
    'a file that it asked for': (project) => project.write({ 'extra.txt': '' }),
    'the kept result, cut short': ({ home }) => {
      for (const name of readdirSync(join(home, 'cache'))) {
        writeFileSync(join(home, 'cache', name), '{"madeBy":');
      }
    },
  };
  test.for(Object.entries(changes))('evaluates again after a change of %s', async ([, change]) => {
    const { project, evaluations } = start();
    using _ = project;
    await evaluate(optionsFor(project, variables));
    change(project);
    await evaluate(optionsFor(project, variables));
    expect(evaluations()).toBe(2);
  });

  test.for([
    ['a variable', { URL_HOST: 'other.example.io' }],
    ['a secret', { TOKEN: 'second-secret-token' }],
  ] as const)('evaluates again after a change of %s that it read', async ([, changed]) => {
    const { project, evaluations } = start();
    using _ = project;
    await evaluate(optionsFor(project, variables));
    const later = { ...variables, ...changed };
    const second = await evaluate(optionsFor(project, later));
    expect(evaluations()).toBe(2);
    expect(second).toMatchObject({
      dbCredentials: { authToken: later.TOKEN, url: `libsql://${later.URL_HOST}` },
    });
  });

  test('evaluates again when a package that it loads was replaced', async () => {
    using project = place({
      'drizzle.config.ts': "import url from 'settings'; export default { url };",
      'node_modules/settings/index.js': "module.exports = 'file:a.db';",
    });
    expect(await evaluate(optionsFor(project))).toEqual({ url: 'file:a.db' });
    project.write({ 'node_modules/settings/index.js': "module.exports = 'file:longer.db';" });
    expect(await evaluate(optionsFor(project))).toEqual({ url: 'file:longer.db' });
  });

  test('from another folder finds the result of a file that looks at every variable', async () => {
    using project = place({
      'drizzle.config.ts': `
        import fs from 'node:fs';
        fs.appendFileSync(new URL('../home/evaluations', import.meta.url), '.');
        export default { names: Object.keys({ ...process.env }).length > 0 };`,
    });
    await evaluate(optionsFor(project, { PWD: '/here', OLDPWD: '/there', SHLVL: '1', _: '/usr/bin/node' }));
    await evaluate(optionsFor(project, { PWD: '/there', OLDPWD: '/here', SHLVL: '2', _: '/usr/bin/npx' }));
    expect(readFileSync(join(project.home, 'evaluations'), 'utf8')).toBe('.');
  });

  test('finds no secret on disk, in files that only their owner can read', async () => {
    const { project } = start();
    using _ = project;
    await evaluate(optionsFor(project, variables));
    const cache = join(project.home, 'cache');
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    const names = readdirSync(cache);
    expect(names).toHaveLength(1);
    for (const name of names) {
      expect(readFileSync(join(cache, name), 'utf8')).not.toMatch(/first-secret-token|db\.example\.io/);
      expect(statSync(join(cache, name)).mode & 0o777).toBe(0o600);
    }
  });

  test.for([
    ['a literal token', "export default { authToken: 'literal-token' };"],
    ['a token in a URL', "export default { url: 'libsql://a.example.io?authToken=literal-token' };"],
    ['a token where a mask is expected', "export default { masks: { 'users.token': 'literal-token' } };"],
    ['a literal before a variable', "export default { authToken: 'literal-' + process.env.TOKEN };"],
    ['a changed variable', 'export default { authToken: process.env.TOKEN.toUpperCase() };'],
    [
      'the answer of a subprocess',
      "import { execSync } from 'node:child_process'; export default { url: String(execSync('echo a')) };",
    ],
    ['a folder that was listed', "import fs from 'node:fs'; export default { url: fs.readdirSync('.')[0] };"],
  ])('keeps nothing of a result with %s', async ([, source = '']) => {
    using project = place({ 'drizzle.config.ts': source });
    await evaluate(optionsFor(project, variables));
    expect(readdirSync(project.home)).toEqual([]);
  });

  test('keeps the masks of columns that are called like secrets', async () => {
    const source = "export default { masks: { 'users.password_hash': 'hash', '*.api_token': 'null' } };";
    using project = place({ 'drizzle.config.ts': source });
    await evaluate(optionsFor(project, variables));
    expect(readdirSync(join(project.home, 'cache'))).toHaveLength(1);
  });

  test('goes on without a cache that cannot be written', async () => {
    using project = place({ 'drizzle.config.ts': 'export default { a: 1 };' });
    writeFileSync(join(project.home, 'cache'), 'a file, no folder');
    chmodSync(join(project.home, 'cache'), 0o400);
    expect(await evaluate(optionsFor(project))).toEqual({ a: 1 });
    const nowhere = join(project.home, 'cache', 'deeper', 'still');
    expect(await evaluate({ ...optionsFor(project), cache: nowhere })).toEqual({ a: 1 });
  });

  test.runIf(process.platform === 'linux')('goes on where no folder can ever be made', async () => {
    using project = place({ 'drizzle.config.ts': 'export default { a: 1 };' });
    expect(await evaluate({ ...optionsFor(project), cache: '/proc/none/cache' })).toEqual({ a: 1 });
  });
});
