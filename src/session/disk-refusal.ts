import { MigrateError } from '../lib/errors.ts';

/**
 * What this machine says of a file or a folder: a disk without room, a right that is missing, a folder that is none.
 * That is nothing wrong in the program, and mostly its own folders are meant: backups, scratch copies, plans.
 *
 * @returns undefined where it is something else
 */
export function diskRefusal(thrown: unknown): MigrateError | undefined {
  if (!isOfDisk(thrown)) return undefined;
  const { code, path, syscall, message } = thrown;
  const next = nexts.get(code) ?? (code === 'ENOENT' && syscall === 'mkdir' ? otherPlace : undefined);
  if (next === undefined) return undefined;
  const [, words = message] = /^\w+: ([^,]+),/.exec(message) ?? [];
  return new MigrateError('storage', `${path} cannot be used: ${words} (${code}, ${syscall}).`, {
    next,
    cause: thrown,
  });
}

type OfDisk = Error & { readonly code: string; readonly path: string; readonly syscall: string };

/** https://nodejs.org/api/errors.html#class-systemerror */
function isOfDisk(thrown: unknown): thrown is OfDisk {
  if (!(thrown instanceof Error) || thrown instanceof MigrateError) return false;
  const has = (name: string) => name in thrown && typeof Reflect.get(thrown, name) === 'string';
  return has('code') && has('path') && has('syscall');
}

const room = 'Make room on its disk, then run it again.';
const right = 'Give this user the right to it, or name another place in the configuration.';
const otherPlace = 'Look at what is there, or name another place in the configuration.';

const nexts: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', room],
  ['EDQUOT', room],
  ['EFBIG', room],
  ['EACCES', right],
  ['EPERM', right],
  ['EROFS', right],
  ['ENOTDIR', otherPlace],
  ['EIO', otherPlace],
  ['ESTALE', otherPlace],
  ['ELOOP', otherPlace],
]);
