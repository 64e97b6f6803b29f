import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Which folder of `src` may import which: downwards only. `types of X` allows `import type` alone, a file's path that file.
 * ARCHITECTURE.md says why.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  sql: ['lib'],
  migrations: ['lib', 'sql'],
  bookkeeping: ['lib', 'sql', 'migrations'],
  schema: ['lib', 'sql', 'migrations', 'bookkeeping'],
  rules: ['lib', 'sql', 'migrations', 'bookkeeping', 'schema', 'types of operations'],
  engines: ['lib', 'sql'],
  project: ['lib', 'sql', 'migrations', 'types of engines', 'types of operations'],
  operations: ['lib', 'sql', 'migrations', 'bookkeeping', 'schema', 'rules', 'types of project'],
  ledger: ['lib', 'sql', 'migrations', 'operations', 'types of project'],
  runs: [
    'lib',
    'sql',
    'migrations',
    'bookkeeping',
    'schema',
    'rules',
    'operations',
    'engines',
    'ledger',
    'types of project',
  ],
  // Makes a project and then looks at it as its user will: through the one door.
  demo: ['lib', 'sql', 'migrations', 'bookkeeping', 'ledger', 'session'],
  session: [
    'lib',
    'sql',
    'migrations',
    'bookkeeping',
    'schema',
    'rules',
    'operations',
    'engines',
    'ledger',
    'runs',
    'project',
  ],
  config: ['lib', 'project'],
  cli: ['lib', 'operations', 'session', 'demo', 'project'],
  // A client of the command line: it colours SQL with the tokens, and reads the documents.
  tui: ['lib', 'sql/tokens.ts', 'types of operations'],
};

/** Where each package is at home, node:sqlite and node:child_process among them: they are as far-reaching. */
const homes: Readonly<Record<string, readonly string[]>> = {
  ink: ['tui'],
  react: ['tui'],
  'string-width': ['tui'],
  'drizzle-orm': ['ledger'],
  diff: ['schema'],
  '@libsql/client': ['engines', 'ledger', 'demo'],
  libsql: ['engines'],
  pg: ['engines'],
  jiti: ['project'],
  'jsonc-parser': ['project'],
  'smol-toml': ['project'],
  'libpg-query': ['sql'],
  execa: ['runs'],
  'node:sqlite': ['engines'],
};

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly kind: 'value' | 'type';
}

const imports = globSync('src/**/*.{ts,tsx}', { cwd: root, exclude: ['src/demo/project/**'] }).flatMap(
  importsOf,
);

describe('the folders of src', () => {
  test('import only what lies below them', () => {
    const inside = imports.filter(({ specifier }) => specifier.startsWith('.'));
    expect(inside.length, 'imports seen').toBeGreaterThan(100);
    expect(inside.filter((found) => !isAllowed(found)).map(show)).toEqual([]);
  });

  test('keep each package in its home', () => {
    const outside = imports.filter(({ specifier }) => packageOf(specifier) !== undefined);
    expect(outside.length, 'packages seen').toBeGreaterThan(5);
    const strays = outside.filter(({ file, specifier }) => {
      return !homes[packageOf(specifier) ?? '']?.includes(folderOf(file));
    });
    expect(strays.map(show)).toEqual([]);
  });

  test('are all in the table', () => {
    const folders = new Set(imports.map(({ file }) => folderOf(file)));
    expect([...folders].filter((folder) => !(folder in mayImport))).toEqual([]);
  });
});

describe('what is written for those who work on it', () => {
  test.each(['ARCHITECTURE.md', ...globSync('docs/decisions/*.md', { cwd: root })])(
    'names only places that are there: %s',
    (document) => {
      const places = placesIn(readFileSync(join(root, document), 'utf8'));
      expect(places.filter((place) => !isThere(place))).toEqual([]);
    },
  );

  test('names places at all', () => {
    expect(placesIn(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')).length).toBeGreaterThan(100);
  });
});

/** What stands in code marks and is a path of ours or a file of TypeScript; capitals stand for a name to be chosen. */
function placesIn(markdown: string): readonly string[] {
  const marked = Array.from(markdown.matchAll(/`([^`\s]+)`/g), ([, place = '']) => place);
  return marked.filter((place) => {
    return /^(?:src|test|bench|scripts)\/|^[\w*{},/-]+\.tsx?$/.test(place) && !/[A-Z]{2}/.test(place);
  });
}

/** Behind another path, one may begin further down: `src/sql/split.ts`, `postgres/split-postgres.ts`. */
function isThere(place: string): boolean {
  return [place, `{src,test}/**/${place}`].some((path) => globSync(path, { cwd: root }).length > 0);
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?'([^']+)';/gm);
  const calls = text.matchAll(/\bimport\(\s*'([^']+)'\s*\)(\.\w+)?/g);
  return [
    ...Array.from(
      statements,
      ([, type, specifier = '']) => ({ file, specifier, kind: type ? 'type' : 'value' }) as const,
    ),
    // `import('x').Name` is a type; a loaded module is awaited or handed to `then`.
    ...Array.from(calls, ([, specifier = '', member]) => {
      return { file, specifier, kind: member && /^\.[A-Z]/.test(member) ? 'type' : 'value' } as const;
    }),
  ];
}

function isAllowed({ file, specifier, kind }: Import): boolean {
  const from = folderOf(file);
  const path = normalize(join(dirname(file), specifier));
  const to = folderOf(path);
  const allowed = mayImport[from] ?? [];
  if (from === to || allowed.includes(to) || allowed.includes(relative('src', path))) return true;
  return kind === 'type' && allowed.includes(`types of ${to}`);
}

/** `src/sql/split.ts` → `sql`, `src/session.ts` → `session`; the built screen beside the command line is its own. */
function folderOf(file: string): string {
  const [, folder = ''] = relative('.', file).split(sep);
  return folder.replace(/\.\w+$/, '');
}

/** The npm package of a specifier, and the modules of Node that have a home; undefined for all others. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.')) return undefined;
  if (specifier.startsWith('node:')) return specifier in homes ? specifier : undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

const show = ({ file, specifier, kind }: Import) => `${file} imports ${specifier} (${kind})`;
