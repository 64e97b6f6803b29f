import { execFileSync } from 'node:child_process';
import { appendFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LintReport } from '../../src/operations/reports.ts';
import { startResident, type Resident } from '../support/resident.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let resident: Resident;
beforeAll(() => {
  resident = startResident();
});
afterAll(() => resident[Symbol.asyncDispose]());

const run = ({ root, env }: SmallProject, args: readonly string[], cwd = root) =>
  resident.run(['lint', ...args], { cwd, env });

async function linted(project: SmallProject, args: readonly string[] = [], cwd?: string) {
  const { exitCode, stdout, stderr } = await run(project, [...args, '--json'], cwd);
  expect(stderr).toBe('');
  const report: unknown = JSON.parse(stdout);
  expect(misfits('lint', report)).toEqual([]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it fits the schema
  return { exitCode, ...(report as LintReport) };
}

const found = ({ findings }: Pick<LintReport, 'findings'>) =>
  findings.map(({ tag, rule }) => `${tag} ${rule}`);

/** Two migrations that nothing is found in, and one that drops what the first has made. */
function dropping(): SmallProject {
  const project = smallProject();
  project.add('0002_drop_name', ['ALTER TABLE teams DROP COLUMN name;']);
  return project;
}

test('an answer of lint fits its schema with what it says besides, and only as sentences', async () => {
  using project = dropping();
  const { exitCode: _, ...report } = await linted(project);
  expect(misfits('lint', { ...report, notices: ['It was looked at without the record of runs.'] })).toEqual(
    [],
  );
  expect(misfits('lint', { ...report, notices: 'one' })).toEqual(['/notices must be array']);
});

describe('lint without files', () => {
  test('looks at each file against what the files before it made, as if it had rows by now', async () => {
    using project = dropping();
    project.add('0003_later', ['CREATE TABLE new_here (a text);', 'ALTER TABLE new_here DROP COLUMN a;']);
    const { exitCode, findings, databases, rules } = await linted(project);
    expect(findings).toMatchObject([
      {
        rule: 'drop-column',
        severity: 'warning',
        database: 'app',
        tag: '0002_drop_name',
        statement: 1,
        file: 'drizzle/0002_drop_name.sql',
        line: 1,
        column: 1,
        endLine: 1,
        endColumn: 35,
      },
      { rule: 'refused-statement', tag: '0003_later' },
    ]);
    expect(findings[1]?.message).toContain('no other columns exist');
    expect(databases).toEqual([{ database: 'app', looked: 4, of: 4, notes: [] }]);
    expect(rules.map(({ id }) => id)).toEqual(['drop-column', 'refused-statement']);
    expect(exitCode).toBe(3);
  });

  test('exits 0 on warnings, and says why and the safe way once for a rule', async () => {
    using project = dropping();
    project.add('0003_again', ['ALTER TABLE members ADD name text;']);
    project.add('0004_again', ['ALTER TABLE members DROP COLUMN name;']);
    const { exitCode, stdout, stderr } = await run(project, []);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.match(/Why: /g)).toHaveLength(1);
    expect(stdout).toContain('warning  drop-column  drizzle/0002_drop_name.sql:1\n');
    expect(stdout).toContain('warning  drop-column  drizzle/0004_again.sql:1\n');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('2 warnings in 5 files.');
  });

  test('needs no variable: what an environment would be counts, and a finding names those it is about', async () => {
    using project = smallProject();
    project.add('0002_attach', ["ATTACH 'x.db' AS x;"]);
    project.configureEnvironment('staging', {
      targets: { app: { url: 'env:NOT_SET', authToken: 'env:NOR_THIS' } },
    });
    project.configureEnvironment('production', { targets: { app: { d1: 'env:NOT_EITHER' } } });
    const { findings } = await linted(project);
    const byRule = new Map(findings.map((finding) => [finding.rule, finding.environments]));
    expect(byRule.get('remote-refused')).toEqual(['staging']);
    expect(byRule.get('d1-refused')).toEqual(['production']);
    const { stdout } = await run(project, []);
    expect(stdout).toMatch(/d1-refused {2}drizzle\/0002_attach\.sql:1 {2}\(production only\)/);
  });

  test('reads a Drizzle configuration whose URL is not set', async () => {
    using project = smallProject();
    rmSync(join(project.root, 'migrate-tui.config.json'));
    writeFileSync(
      join(project.root, 'drizzle.config.ts'),
      "export default { dialect: 'turso', out: './drizzle', schema: './schema.ts', dbCredentials: { url: process.env.NOT_SET! } };",
    );
    project.add('0002_vacuum', ["ATTACH 'x.db' AS x;"]);
    writeFileSync(
      join(project.root, 'package.json'),
      '{ "name": "small", "private": true, "type": "module" }\n',
    );
    rmSync(join(project.root, 'migrate-tui.config.json'), { force: true });
    expect(found(await linted(project))).toContain('0002_vacuum remote-refused');
  });

  test.each([
    ['throws', "if (!process.env.FIRST) throw new Error('FIRST is not set'); new URL(process.env.SECOND);"],
    ['ends its process', 'if (!process.env.FIRST) process.exit(1);'],
  ])('reads a Drizzle configuration that %s without its variables', async (_how, check) => {
    using project = dropping();
    rmSync(join(project.root, 'migrate-tui.config.json'));
    const rest =
      "export default { dialect: 'turso', out: './drizzle', dbCredentials: { url: process.env.FIRST } };";
    writeFileSync(join(project.root, 'drizzle.config.ts'), `${check}\n${rest}`);
    expect(found(await linted(project))).toEqual(['0002_drop_name drop-column']);
    const { exitCode } = await resident.run(['status'], { cwd: project.root, env: project.env });
    expect(exitCode).toBe(2);
  });

  test('writes nothing, not even a database that is not there yet', async () => {
    using project = dropping();
    const before = execFileSync('find', ['.'], { cwd: project.root }).toString();
    await linted(project);
    expect(execFileSync('find', ['.'], { cwd: project.root }).toString()).toBe(before);
  });

  test('names two branches that contradict each other in the journal, with its line', async () => {
    using project = smallProject();
    const journal = join(project.root, 'drizzle', 'meta', '_journal.json');
    const { entries } = {
      entries: [0, 1].map((idx) => ({
        idx,
        version: '6',
        when: 1_750_000_000_000,
        tag: tags[idx],
        breakpoints: true,
      })),
    };
    writeFileSync(journal, JSON.stringify({ version: '7', dialect: 'sqlite', entries }, undefined, 2));
    const { findings, exitCode } = await linted(project);
    expect(findings).toMatchObject([
      {
        rule: 'older-time',
        severity: 'error',
        statement: 0,
        file: 'drizzle/meta/_journal.json',
        line: expect.any(Number),
      },
    ]);
    expect(exitCode).toBe(3);
  });
});

const tags = ['0000_teams', '0001_members'];

describe('a statement that the engine does not take', () => {
  test('is an error with its line, in every file that has one', async () => {
    using project = smallProject();
    project.add('0002_typo', ['CREATE TABLE fine (a);', 'CRAETE TABLE t (a);']);
    project.add('0003_other', ['SELECT FROM WHERE;']);
    const { findings, exitCode } = await linted(project);
    expect(findings).toMatchObject([
      { rule: 'refused-statement', severity: 'error', tag: '0002_typo', statement: 2, line: 3 },
      { rule: 'refused-statement', severity: 'error', tag: '0003_other', statement: 1, line: 1 },
    ]);
    expect(exitCode).toBe(3);
  });

  test('is a warning where what is missing may be older than the folder, and the files after it are read', async () => {
    using project = smallProject();
    project.add('0002_older', ['ALTER TABLE older_than_us ADD a text;']);
    project.add('0003_next', ['UPDATE older_than_us SET a = 1;']);
    const { findings, databases, exitCode } = await linted(project);
    expect(findings).toMatchObject([
      { rule: 'refused-statement', severity: 'warning', tag: '0002_older' },
      { rule: 'updates-all-rows', tag: '0003_next' },
    ]);
    expect(databases[0]?.notes.join()).toMatch(
      /^0002_older does not run on an empty database .* only read\.$/,
    );
    expect(exitCode).toBe(0);
  });

  test('is none where only rows are missing', async () => {
    using project = smallProject();
    project.add('0002_rows', ['INSERT INTO members (id, team_id) VALUES (1, NULL);']);
    expect(found(await linted(project))).toEqual([]);
  });

  test('is looked for by reading alone where so many changes of so many tables would take minutes', async () => {
    using project = smallProject();
    const changes = Array.from({ length: 650 }, (_, at) => [
      `CREATE TABLE t${at} (a);`,
      `ALTER TABLE t${at} ADD b;`,
    ]);
    project.add('0002_many', changes.flat());
    project.add('0003_typo', ['ALTER TABEL t1 ADD c;']);
    const { findings, databases } = await linted(project);
    expect(findings).toMatchObject([{ rule: 'refused-statement', tag: '0003_typo' }]);
    expect(databases[0]?.notes).toEqual([
      'The 4 files change tables too often to be run one after the other here: each was only read.',
    ]);
  });

  test('in PostgreSQL it is what its own parser does not take', async () => {
    using project = smallProject('empty', 'postgresql');
    project.configure({
      environments: { production: { targets: { app: { postgres: 'env:NOT_SET' } } } },
    });
    project.add('0000_first', ['CREATE TABLE t (a int);']);
    project.add('0001_drop', ['\n\nALTER TABLE t DROP COLUMN a;']);
    project.add('0002_typo', ['SELECT 1;\nALTER TABEL t ADD b int;']);
    const { findings, exitCode } = await linted(project);
    expect(findings).toMatchObject([
      { rule: 'drop-column', tag: '0001_drop', line: 3, column: 1 },
      { rule: 'refused-statement', tag: '0002_typo', line: 2, severity: 'error' },
    ]);
    expect(exitCode).toBe(3);
  });
});

test('for D1 alone the files run under D1: what only libSQL refuses is no error there', async () => {
  using project = smallProject();
  project.configure({
    environments: {
      production: { targets: { app: { d1: 'shop' } } },
      local: { targets: { app: { d1Local: 'DB' } } },
    },
  });
  project.add('0002_quotes', ['UPDATE teams SET name = "red" WHERE id = 1;']);
  project.add('0003_broken', ['CREATE TABLE teams (a text);']);
  const { findings, exitCode } = await linted(project);
  expect(findings).toMatchObject([
    { rule: 'double-quoted-text', severity: 'warning', tag: '0002_quotes' },
    { rule: 'refused-statement', severity: 'error', tag: '0003_broken' },
  ]);
  expect(exitCode).toBe(3);
});

describe('lint --format', () => {
  test('github and sarif name files from the root of the repository, json is what --json prints', async () => {
    using project = dropping();
    project.configure({ rules: { 'drop-column': 'error' } });
    execFileSync('git', ['init', '-q', join(project.root, '..')]);
    const github = await run(project, ['--format', 'github']);
    expect(github.exitCode).toBe(3);
    expect(github.stdout).toMatch(/^::error file=project\/drizzle\/0002_drop_name\.sql,line=1,.*\n$/);
    expect(github.stderr).toBe('1 error in 3 files.\n');
    const sarif = await run(project, ['--format=sarif']);
    expect([sarif.exitCode, sarif.stderr]).toEqual([3, '']);
    expect(JSON.parse(sarif.stdout)).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          results: [
            {
              ruleId: 'drop-column',
              level: 'error',
              locations: [
                { physicalLocation: { artifactLocation: { uri: 'project/drizzle/0002_drop_name.sql' } } },
              ],
            },
          ],
        },
      ],
    });
    expect((await run(project, ['--format', 'json'])).stdout).toBe((await run(project, ['--json'])).stdout);
  });

  test.each([
    [['--format', 'xml'], '--format "xml" is no format of lint.'],
    [['--json', '--format', 'sarif'], '--json and --format sarif are two formats.'],
  ])('refuses %s', async (args, says) => {
    using project = smallProject();
    const { exitCode, stdout, stderr } = await run(project, args);
    expect(exitCode).toBe(2);
    expect(`${stdout}${stderr}`.replaceAll('\\"', '"')).toContain(says);
  });
});

describe('lint FILE', () => {
  test('takes a path as a person writes it: from the folder it stands in, absolute, through a link, as a folder', async () => {
    using project = dropping();
    const folder = join(project.root, 'drizzle');
    symlinkSync(folder, join(project.root, 'linked'));
    const file = '0002_drop_name.sql';
    const ways: readonly (readonly [string, string])[] = [
      [`drizzle/${file}`, project.root],
      [`./drizzle/../drizzle/${file}`, project.root],
      [file, folder],
      [join(folder, file), '/'],
      [`linked/${file}`, project.root],
      ['drizzle', project.root],
    ];
    for (const [path, cwd] of ways) {
      const { findings } = await linted(project, ['--project', project.root, path], cwd);
      expect(findings, path).toMatchObject([{ rule: 'drop-column' }]);
    }
    expect((await linted(project, ['drizzle/0001_members.sql'])).findings).toEqual([]);
  });

  test('takes the rollback file of a migration for the migration', async () => {
    using project = dropping();
    writeFileSync(
      join(project.root, 'drizzle', '0002_drop_name.rollback.sql'),
      'ALTER TABLE teams ADD name text;',
    );
    expect(found(await linted(project, ['drizzle/0002_drop_name.rollback.sql']))).toEqual([
      '0002_drop_name drop-column',
      // The names are back, but may be NULL now.
      '0002_drop_name rollback-differs',
    ]);
  });

  test.each([
    ['elsewhere.sql', 'elsewhere.sql lies in no migration folder of the project. Its folder is drizzle.'],
    ['missing.sql', 'The file missing.sql does not exist.'],
    ['drizzle/0009_stray.sql', 'lies in drizzle and is no migration of the database app: nothing runs it.'],
    ['drizzle/meta/_journal.json', 'lies in drizzle and is no migration of the database app'],
  ])('refuses %s', async (path, says) => {
    using project = smallProject();
    writeFileSync(join(project.root, 'elsewhere.sql'), 'SELECT 1;');
    writeFileSync(join(project.root, 'drizzle', '0009_stray.sql'), 'SELECT 1;');
    const { exitCode, stdout, stderr } = await run(project, [path]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(says);
  });
});

describe('lint --since', () => {
  test('looks at what the branch changed, committed or not, and not at what its base changed meanwhile', async () => {
    using project = dropping();
    const git = repository(project.root);
    project.add('0003_ours', ['DELETE FROM teams;']);
    git('checkout', '-qb', 'ours');
    git('add', '.');
    git('commit', '-qm', 'ours');
    git('checkout', '-q', 'main');
    appendFileSync(join(project.root, 'drizzle/0002_drop_name.sql'), '\nDELETE FROM members;');
    git('commit', '-qam', 'theirs');
    git('checkout', '-q', 'ours');
    expect(found(await linted(project, ['--since', 'main']))).toEqual(['0003_ours deletes-all-rows']);
    project.add('0004_ours', ['UPDATE members SET team_id = 1;']);
    expect(found(await linted(project, ['--since', 'main']))).toEqual([
      '0003_ours deletes-all-rows',
      '0004_ours updates-all-rows',
    ]);
    expect((await linted(project, ['--since', 'HEAD'])).databases).toMatchObject([{ looked: 1, of: 5 }]);
  });

  test('takes a renamed file by its new name, and leaves out one that is gone', async () => {
    using project = dropping();
    repository(project.root);
    project.remove('0002_drop_name');
    expect((await linted(project, ['--since', 'HEAD'])).databases).toMatchObject([{ looked: 0, of: 2 }]);
    project.add('0002_renamed', ['ALTER TABLE teams DROP COLUMN name;']);
    expect(found(await linted(project, ['--since', 'HEAD']))).toEqual(['0002_renamed drop-column']);
  });

  test('finds the files also where git is told to name them from the folder it is in', async () => {
    using project = dropping();
    repository(project.root)('config', 'diff.relative', 'true');
    appendFileSync(join(project.root, 'drizzle/0002_drop_name.sql'), '\nDELETE FROM members;');
    expect((await linted(project, ['--since', 'HEAD'])).databases).toMatchObject([{ looked: 1, of: 3 }]);
  });

  test('says of a repository that git refuses that it is one, and what lets git read it', async () => {
    using project = dropping();
    repository(project.root);
    // What git says of the folder of another user, too, ends with this status.
    writeFileSync(join(project.root, '.git/config'), '[core]\n\trepositoryformatversion = 99\n');
    const { exitCode, stderr } = await run(project, ['--since', 'main']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`git refuses to read the repository ${realpathSync(project.root)}`);
    expect(stderr).toContain('safe.directory');
  });

  test('says what is wrong where git cannot tell', async () => {
    using project = dropping();
    const without = await run(project, ['--since', 'main']);
    expect([without.exitCode, without.stdout]).toEqual([2, '']);
    expect(without.stderr).toContain('lies in no git repository');
    const git = repository(project.root);
    for (const revision of ['no-such-branch', '--all', '-n1']) {
      const unknown = await run(project, [`--since=${revision}`]);
      expect(unknown.exitCode).toBe(2);
      expect(unknown.stderr).toContain(`git knows no revision ${revision}`);
    }
    const both = await run(project, ['--since', 'main', 'drizzle']);
    expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining('files are named as well')]);
    git('commit', '-q', '--allow-empty', '-m', 'second');
    await using clone = await temporaryFolder();
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${project.root}`, clone.file('shallow')]);
    const shallow = await resident.run(['lint', '--since', 'HEAD~1'], {
      cwd: clone.file('shallow'),
      env: project.env,
    });
    expect(shallow.exitCode).toBe(2);
    expect(shallow.stderr).toContain('shallow clone that has no HEAD~1');
    expect(shallow.stderr).toContain('fetch-depth: 0');
  });
});

test('what lint finds in the newest file is what plan finds in it while it is the only one pending', async () => {
  using project = smallProject();
  project.add('0002_all_at_once', [
    'PRAGMA foreign_keys=OFF;',
    'CREATE TABLE __new_teams (id integer PRIMARY KEY, title text);',
    'INSERT INTO __new_teams (id, title) SELECT id, name FROM teams;',
    'DROP TABLE teams;',
    'ALTER TABLE __new_teams RENAME TO teams;',
    'UPDATE members SET team_id = 1;',
    'DROP TABLE members;',
  ]);
  await resident.run(['apply', 'local', '--to', '0001', '--yes'], { cwd: project.root, env: project.env });
  const planned = await resident.run(['plan', 'local', '--json'], { cwd: project.root, env: project.env });
  const { findings } = await linted(project, ['drizzle/0002_all_at_once.sql']);
  expect(findings.length).toBeGreaterThan(3);
  expect(planned.last).toMatchObject({
    findings: findings.map(({ rule, severity, database, tag, statement, line, message, fix }) => ({
      rule,
      severity,
      database,
      tag,
      statement,
      line,
      message,
      fix,
    })),
  });
});

describe('rules in the configuration', () => {
  test('turn a rule off or give it another severity, for lint and for a plan alike', async () => {
    using project = dropping();
    project.configure({ rules: { 'drop-column': 'error' } });
    const graver = await linted(project);
    expect(graver).toMatchObject({ exitCode: 3, findings: [{ rule: 'drop-column', severity: 'error' }] });
    const plan = async () => {
      const { stdout } = await resident.run(['plan', 'local', '--json'], {
        cwd: project.root,
        env: project.env,
      });
      return JSON.parse(stdout).findings.map(({ severity }: { severity: string }) => severity);
    };
    // A plan makes all three at once: then the column is the plan's own.
    await resident.run(['apply', 'local', '--to', '0001', '--yes'], { cwd: project.root, env: project.env });
    expect(await plan()).toEqual(['error']);
    project.configure({ rules: { 'drop-column': 'off' } });
    expect(await linted(project)).toMatchObject({ exitCode: 0, findings: [] });
    expect(await plan()).toEqual([]);
  });

  test('that there is not is an error that names the nearest', async () => {
    using project = dropping();
    project.configure({ rules: { 'drop-colum': 'off' } });
    const { exitCode, stderr } = await run(project, []);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/rules\."drop-colum" in .*migrate-tui\.config\.json names no rule/);
    expect(stderr).toContain('The nearest is drop-column.');
  });
});

/** Makes a repository of a folder, with everything committed on main. */
function repository(root: string) {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=e@example.com', ...args], { cwd: root });
  git('init', '-qb', 'main');
  git('add', '.');
  git('commit', '-qm', 'first');
  return git;
}
