/**
 * Whether a name can stand as it is in a path, in a line on a terminal and in the commands that messages advise, which
 * people paste into a shell. `@` parts the name of an environment from the hash of a plan.
 */
export function isPlainName(name: string): boolean {
  return name !== '' && !awkward.test(name) && !/^[.-]/.test(name);
}

/** A name of the same look that can, for what was found and not named by anybody. */
export function plainName(name: string): string {
  return name.replaceAll(new RegExp(awkward, 'gu'), '-').replace(/^[.-]+/, '');
}

const awkward = /[\p{C}\p{Z}/\\'"`$&|;<>()*?[\]{}!#~^@]/u;
