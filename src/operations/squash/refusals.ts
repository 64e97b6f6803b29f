import type { SquashEnvironment, SquashProof } from './report.ts';

export interface Refusable {
  readonly proofs: readonly SquashProof[];
  readonly environments: readonly SquashEnvironment[];
  /** Tables whose rows another replay would not give, and that nobody accepted. */
  readonly changing: readonly string[];
  /** What stands in the way besides. */
  readonly other: readonly string[];
}

/**
 * Everything that stands in the way of a squash, each as a whole sentence. What cannot be proven here, as there is no
 * git or no drizzle-kit, does not.
 */
export function refusalsOf({ proofs, environments, changing, other }: Refusable): readonly string[] {
  return [
    ...other,
    ...proofs
      .filter(({ state, check }) => state === 'differs' && check !== 'repeatable')
      .map(({ says }) => `${upper(says)}.`),
    ...changing.map(
      (table) =>
        `Rows of ${table} are not the same each time the history runs; the one file would fix those of now. Accept that with --accept replay-differs:${table} --reason '…'.`,
    ),
    ...environments.flatMap(({ refusal }) => refusal ?? []),
  ];
}

/** @param last tag of the last that becomes part of the one file */
export function installationRefusals(installations: 'known' | 'unknown', last: string): readonly string[] {
  return installations === 'known'
    ? []
    : [
        `The configuration says that others install this application (installations: 'unknown'). A database of theirs that is not at ${last} yet would fail on the one file, as drizzle-orm and wrangler run it where its tables are already.`,
      ];
}

/**
 * The last migration up to which every environment ran all of them, so that a squash up to there is not refused for
 * one that is behind; undefined where that is fewer than two.
 */
export function squashableTo(
  tags: readonly string[],
  environments: readonly SquashEnvironment[],
): string | undefined {
  const missing = environments.flatMap(({ missing: tag }) => (tag === undefined ? [] : [tags.indexOf(tag)]));
  const first = Math.min(...missing.filter((index) => index !== -1));
  return first < 2 || first === Infinity ? undefined : tags[first - 1];
}

/** Says of an environment whether it holds a squash up, and why. */
export function withRefusal(environment: SquashEnvironment): SquashEnvironment {
  const refusal = refusalOf(environment);
  return refusal === undefined ? environment : { ...environment, refusal };
}

function refusalOf({ environment, state, at, says }: SquashEnvironment): string | undefined {
  switch (state) {
    case 'ready':
    case 'empty':
    case 'left-out':
      return undefined;
    case 'behind':
      return `${environment} is ${at === undefined ? 'before the first' : `at ${at}`}, inside the range: ${says}`;
    case 'unreachable':
      return `${environment} did not answer: ${says}. Read it again, or leave it out by name: --leave-out ${environment}.`;
    case 'made-otherwise':
    case 'depends':
      return `${environment}: ${says}.`;
  }
}

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
