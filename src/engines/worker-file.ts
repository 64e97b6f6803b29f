import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The file that a process of its own is started from: beside its caller in the source, `dist/NAME.js` in the build.
 *
 * @param caller `import.meta.url` of the module that starts it
 */
export function workerFile(caller: string, name: string): string {
  if (caller.endsWith('.ts')) return fileURLToPath(new URL(`./${name}.ts`, caller));
  const candidates = [`./${name}.js`, `../${name}.js`].map((file) => fileURLToPath(new URL(file, caller)));
  const found = candidates.find((file) => existsSync(file));
  if (found === undefined) throw new Error(`The build has no ${name}.js.`);
  return found;
}
