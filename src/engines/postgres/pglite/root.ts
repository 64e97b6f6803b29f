let root: string | undefined;

/**
 * Says whose PGlite is used: a scratch database lies outside of the project, and a command may be run from elsewhere.
 * One process works on one project, so it is not handed through every place that makes a scratch database.
 */
export function usePgliteOf(project: string): void {
  root = project;
}

/** The folders in which the project's packages are looked for, the first one first. */
export function pgliteRoots(): readonly string[] {
  return root === undefined ? [process.cwd()] : [root, process.cwd()];
}
