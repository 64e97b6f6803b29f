// Builds dist/: the command line in chunks (so that each command loads only what it needs), the screen as
// one file with Ink and React inside, and the types of the configuration.
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chunksTogether } from './chunks-together.js';
import { noticesOf } from './notices.js';

// npm may run this with a Node older than the bundler wants; the pinned one is in node_modules.
const root = fileURLToPath(new URL('..', import.meta.url));
const pinned = new URL('../node_modules/node/bin/node', import.meta.url);
if (Number(process.versions.node.split('.')[0]) < 22 && existsSync(pinned)) {
  execFileSync(fileURLToPath(pinned), [fileURLToPath(import.meta.url)], { stdio: 'inherit' });
} else {
  await build();
}

async function build() {
  const { rolldown } = await import('rolldown');
  // Made beside it and renamed at the end: a failed build leaves the last one.
  const made = `${root}/dist.${process.pid}`;
  try {
    await buildInto(made, rolldown);
    replace(`${root}/dist`, made);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

async function buildInto(made, rolldown) {
  const define = { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' };
  // The oldest Node that runs it; newer syntax, such as `using`, is written in older words.
  const target = 'node22.13';
  const external = [/^node:/, /^(@libsql\/client|libsql|jiti|libpg-query)(\/|$)/];
  const entries = {
    cli: 'src/cli/main.ts',
    config: 'src/config.ts',
    'backup-worker': 'src/engines/libsql/backup-worker.ts',
    'workerd-worker': 'src/engines/d1/workerd-worker.ts',
    'config-worker': 'src/project/evaluation/config-worker.ts',
  };
  const input = Object.fromEntries(
    Object.entries(entries).filter(([, file]) => existsSync(`${root}/${file}`)),
  );
  const modules = await bundle(rolldown, {
    input,
    external: [...external, /^\.\/tui\.js$/],
    // A package's ES modules first: what it gives to `require` may ask for its parts by path.
    resolve: { mainFields: ['module', 'main'] },
    // A chunk of several modules gives more than the entry in it does.
    preserveEntrySignatures: 'allow-extension',
    // What is loaded together may also be loaded by name.
    checks: { ineffectiveDynamicImport: false },
    transform: { define, target },
    output: {
      dir: made,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
      codeSplitting: {
        // Else a group takes along what it imports, whosever it is.
        includeDependenciesRecursively: false,
        groups: [{ debugName: 'loaded together', name: chunksTogether(loadedTogether()) }],
      },
    },
  });
  if (existsSync(`${root}/src/tui/main.tsx`)) {
    const screen = await bundle(rolldown, {
      input: { tui: 'src/tui/main.tsx' },
      external: [/^node:/],
      // Ink asks for its developer tools by name; nobody who runs this has them.
      resolve: { alias: { 'react-devtools-core': `${root}/scripts/empty.js` } },
      plugins: [ownStringWidth()],
      transform: { define, target },
      output: { dir: made, format: 'esm', entryFileNames: '[name].js', codeSplitting: false, minify: true },
    });
    modules.push(...screen);
  }
  writeFileSync(join(made, 'third-party-notices.txt'), `${noticesOf(modules)}\n`);
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace('package.json', 'bin/tsc');
  if (existsSync(`${root}/src/config.ts`)) {
    execFileSync(process.execPath, [tsc, '-p', 'tsconfig.types.json', '--outDir', `${made}/types`], {
      cwd: root,
      stdio: 'inherit',
    });
  }
}

/** What nearly every question loads, and what every change loads on top of it. */
function loadedTogether() {
  const files = {
    '': ['cli/main.ts', 'lib/version.ts'],
    question: ['cli/handlers/status.ts', 'ledger/ledger.ts'],
    change: [
      'cli/handlers/change.ts',
      'session/start.ts',
      'engines/libsql/file.ts',
      'engines/d1/is-served.ts',
    ],
  };
  return Object.fromEntries(
    Object.entries(files).map(([chunk, some]) => [chunk, some.map((file) => join(root, 'src', file))]),
  );
}

/** Ink measures every row in every frame; ours knows the rows that it draws, and asks the package for all others. */
function ownStringWidth() {
  const ours = `${root}/src/tui/string-width.ts`;
  return {
    name: 'own-string-width',
    resolveId: (source, importer) => (source === 'string-width' && importer !== ours ? ours : undefined),
  };
}

function replace(folder, made) {
  const old = `${made}.old`;
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(made, folder);
  rmSync(old, { recursive: true, force: true });
}

/** @returns the paths of the modules that are in it */
async function bundle(rolldown, { output, ...options }) {
  const made = await rolldown({ cwd: root, platform: 'node', logLevel: 'warn', ...options });
  const { output: files } = await made.write(output);
  await made.close();
  return files.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}
