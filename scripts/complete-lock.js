// Adds to package-lock.json the platform packages that `npm install` left out: it leaves out those that it could
// not fetch (a mirror may lack other platforms' builds), and `npm ci` refuses a lock file without them, everywhere.
// Run it after `npm install`; it changes nothing in a lock file that is whole. With --check it only looks.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cpus = new Map(
  ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32'].map((cpu) => [cpu, cpu]),
);
const systems = new Map(
  ['darwin', 'linux', 'win32', 'freebsd', 'android', 'openharmony'].map((system) => [system, system]),
);
const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = missingFrom(lock);
if (added.length > 0 && process.argv.includes('--check')) process.exitCode = 1;
else if (added.length > 0) {
  const packages = Object.fromEntries([...Object.entries(lock.packages), ...added].toSorted(byPath));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages }, undefined, 2)}\n`);
}
process.stdout.write(`platform packages missing from package-lock.json: ${added.length}\n`);

function missingFrom({ packages }) {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {}, dev }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, version]) => !isThere(packages, path, name, version))
      .map(([name, version]) => [placeFor(packages, path, name), entryOf(name, version, dev)]),
  );
}

/** A package is looked for beside the one that wants it, then in each folder above; another version is none. */
function isThere(packages, path, name, version) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const found = packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`];
    if (found) return found.version === version || !/^\d/.test(version);
    if (at === '') return false;
    if (!at.includes('/node_modules/')) at = '';
  }
}

function placeFor(packages, path, name) {
  const top = `node_modules/${name}`;
  return packages[top] ? `${path}/node_modules/${name}` : top;
}

/** With its platform, so that npm does not ask for it elsewhere. */
function entryOf(name, version, dev) {
  const words = name.slice(name.indexOf('/') + 1).split('-');
  const cpu = words.find((word) => cpus.has(word));
  const os = words.find((word) => systems.has(word));
  const libc = words.find((word) => /^(gnu|musl)/.test(word));
  return {
    version,
    ...(cpu === undefined ? {} : { cpu: [cpus.get(cpu)] }),
    ...(dev ? { dev: true } : {}),
    ...(libc === undefined ? {} : { libc: [libc.startsWith('gnu') ? 'glibc' : 'musl'] }),
    optional: true,
    ...(os === undefined ? {} : { os: [systems.get(os)] }),
  };
}

function byPath([left], [right]) {
  return left < right ? -1 : left > right ? 1 : 0;
}
