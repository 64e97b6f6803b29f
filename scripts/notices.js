// The licences of what is bundled: most of them ask that their text goes along with every copy.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * @param modules paths of the modules that are in the bundles; those of the project itself are left out
 * @returns one text, a package after the other, by name
 */
export function noticesOf(modules) {
  const folders = new Set(modules.filter((path) => path.includes('node_modules')).map(packageFolderOf));
  // One version may be installed in several places.
  const byName = new Map([...folders].map(noticeOf).map((notice) => [notice.name, notice]));
  const notices = [...byName.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const names = notices.map(({ name, licence }) => `  ${name}, ${licence}`);
  return [
    `migrate-tui holds parts of these packages:\n\n${names.join('\n')}`,
    ...notices.map(({ name, text }) => `${name}\n\n${text}`),
  ].join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** The folder of the package.json with a name: a package may have others inside, which only say how files are read. */
function packageFolderOf(path) {
  for (let folder = dirname(path.replace(/^\0/, '').replace(/\?.*$/, '')); ; folder = dirname(folder)) {
    if (basename(folder) === 'node_modules') throw new Error(`${path} is in no package.`);
    if (manifestOf(folder)?.name !== undefined) return folder;
  }
}

function noticeOf(folder) {
  const { name, version, license, author } = manifestOf(folder);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.|-mit|$)/i.test(entry));
  if (license === undefined) throw new Error(`${folder} does not say its licence.`);
  const by = typeof author === 'string' ? author : author?.name;
  // Without a text of its own, what its manifest says is all that there is to give along.
  const text =
    file === undefined ? [license, by].filter(Boolean).join(', ') : readFileSync(join(folder, file), 'utf8');
  return { name: `${name} ${version}`, licence: license, text: text.trim() };
}

function manifestOf(folder) {
  const file = join(folder, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
