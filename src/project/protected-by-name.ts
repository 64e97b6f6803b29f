import type { Environment } from './project.ts';

/** Whether an environment of this name is protected although nobody said so: nobody calls one so whose rows may go. */
export function isProtectedByName(name: string): boolean {
  return /^(?:prod(?:uction)?|live)$/i.test(name);
}

/** What is said of the environments that were found, and are protected by their names. */
export function protectedNotes(found: readonly Environment[]): readonly string[] {
  return found
    .filter(({ protected: guarded }) => guarded)
    .map(
      ({ name }) =>
        `${name} is protected, as it is called so: a change asks for its name. A configuration may say otherwise; "migrate-tui init" writes one.`,
    );
}
