import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { portablePath } from '../lib/portable-path.ts';
import type { DoctorReport } from '../operations/reports.ts';
import type { Variables } from './dotenv.ts';
import { cacheFolder } from './evaluation/cache.ts';
import { notifyChecks } from './notify-checks.ts';
import type { Project } from './project.ts';

type Check = DoctorReport['checks'][number];

/** What `doctor` says about the project itself, without asking a database. Writes nothing. */
export function projectChecks(project: Project, env: Variables = process.env): DoctorReport['checks'] {
  return [
    configuration(project),
    ...accounts(project),
    ...folders(project),
    git(project),
    ...tokensInReach(project),
    ...notifyChecks(project, env),
    ...privateFolders(env),
    cache(env),
    ...project.notes.map((says): Check => ({ check: 'note', state: 'warning', says })),
  ];
}

function configuration({ root, configFile, sources }: Project): Check {
  const says =
    configFile === undefined
      ? `None of migrate-tui; read from ${sources.map(({ file }) => file).join(', ')}.`
      : `${portablePath(root, configFile)} in ${root}.`;
  return { check: 'configuration', state: 'ok', says };
}

/** Credentials that reach more than one account need to be told which is meant. */
function accounts({ environments }: Project): readonly Check[] {
  const open = environments.filter(({ targets }) =>
    targets.some(({ address }) => address.kind === 'd1-remote' && address.account === undefined),
  );
  if (open.length === 0) return [];
  return [
    {
      check: 'Cloudflare',
      state: 'warning',
      says: `No account is named for ${open.map(({ name }) => name).join(', ')}: the token must reach exactly one.`,
      next: 'Set CLOUDFLARE_ACCOUNT_ID, or account_id in the wrangler configuration.',
    },
  ];
}

function folders({ root, databases }: Project): readonly Check[] {
  return databases.map(({ name, directory }) => {
    const path = portablePath(root, directory) || '.';
    if (existsSync(directory))
      return { check: 'migrations', state: 'ok', says: `${name}: ${path}/ is there.` };
    return {
      check: 'migrations',
      state: 'problem',
      says: `${name}: the folder ${path}/ does not exist.`,
      next: 'Make the first migration, or correct the folder in the configuration.',
    };
  });
}

function git({ root }: Project): Check {
  const top = gitRoot(root);
  if (top === undefined) {
    return {
      check: 'git',
      state: 'warning',
      says: `${root} is in no git repository: runs are recorded without a commit.`,
    };
  }
  return { check: 'git', state: 'ok', says: `In the repository ${top}.` };
}

function gitRoot(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder;
  return dirname(folder) === folder ? undefined : gitRoot(dirname(folder));
}

/** `.env` files and `.dev.vars` hold tokens; in a repository they should be ignored. Reads the ignore files only, not git. */
function tokensInReach({ root, environments }: Project): readonly Check[] {
  const names = ['staging', 'production', ...environments.map(({ name }) => name)];
  const files = ['.env', '.dev.vars']
    .flatMap((file) => [file, ...[...new Set(names)].map((name) => `${file}.${name}`)])
    .filter((name) => existsSync(join(root, name)));
  const top = gitRoot(root);
  if (files.length === 0 || top === undefined) return [];
  const lines = ignoreLines(root, top);
  const loose = files.filter((name) => !lines.some((line) => covers(line, name)));
  if (loose.length === 0)
    return [{ check: 'secrets', state: 'ok', says: `${files.join(', ')}: ignored by git.` }];
  const says = `${loose.join(', ')}: no .gitignore between here and ${top} seems to name ${loose.length === 1 ? 'it' : 'them'}.`;
  return [
    {
      check: 'secrets',
      state: 'warning',
      says,
      next: `Add ${[...new Set(loose.map((name) => (name.startsWith('.env') ? '.env*' : '.dev.vars*')))].join(' and ')} to .gitignore if tokens stand there.`,
    },
  ];
}

function ignoreLines(folder: string, top: string): readonly string[] {
  const file = join(folder, '.gitignore');
  const own = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split(/\r?\n/)
        .map((line) => line.trim())
    : [];
  return folder === top ? own : [...own, ...ignoreLines(dirname(folder), top)];
}

function covers(line: string, name: string): boolean {
  const pattern = line.replace(/^\*\*\//, '').replace(/^\//, '');
  return (
    pattern !== '' &&
    !/^[#!]/.test(pattern) &&
    new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`).test(name)
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}

/** Backups hold rows: the folder above them must be the user's alone. */
function privateFolders(env: Variables): readonly Check[] {
  const named = env['XDG_STATE_HOME'];
  const base =
    named !== undefined && isAbsolute(named) ? named : join(env['HOME'] ?? homedir(), '.local', 'state');
  const folder = join(base, 'migrate-tui');
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined)
    return [{ check: 'backups', state: 'ok', says: `${folder} is made by the first backup.` }];
  if (process.platform === 'win32' || (found.mode & 0o077) === 0)
    return [{ check: 'backups', state: 'ok', says: `${folder} is this user's alone.` }];
  return [
    {
      check: 'backups',
      state: 'problem',
      says: `${folder} is open to other users, and backups hold rows.`,
      next: `chmod 700 ${folder}`,
    },
  ];
}

function cache(env: Variables): Check {
  const folder = cacheFolder(env);
  const writable = canWrite(folder);
  return writable
    ? { check: 'cache', state: 'ok', says: `Evaluated configurations are remembered in ${folder}.` }
    : {
        check: 'cache',
        state: 'warning',
        says: `${folder} cannot be written: every start evaluates the configuration again.`,
      };
}

/** The folder itself, or the nearest above it that is there. */
function canWrite(folder: string): boolean {
  if (!existsSync(folder)) return dirname(folder) !== folder && canWrite(dirname(folder));
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
