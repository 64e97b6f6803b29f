import { compareSchemas } from '../schema/compare.ts';
import type { Schema, SchemaDifference } from '../schema/schema.ts';
import { textDiff } from '../schema/text-diff.ts';
import type { DriftObject, IgnoredDrift } from './reports.ts';

/** Two schemas of one database, the left one being what should be there. */
export interface DriftInput {
  readonly database: string;
  readonly left: Schema;
  readonly right: Schema;
  readonly ignore: readonly IgnoreRule[];
  /** A guess, as a clause; undefined when nothing speaks for any. */
  readonly causeOf: (difference: SchemaDifference) => string | undefined;
}

/** Objects that may differ, as the configuration lists them. */
export interface IgnoreRule {
  /** Whether a difference is meant. */
  readonly fits: (difference: Pick<SchemaDifference, 'type' | 'name'>) => boolean;
  readonly reason: string;
}

export interface Drift {
  readonly objects: readonly DriftObject[];
  readonly ignored: readonly IgnoredDrift[];
  /** How many objects mean the same in both. */
  readonly same: number;
}

/** What differs in meaning, object by object, and what of that the configuration allows. */
export function driftOf({ database, left, right, ignore, causeOf }: DriftInput): Drift {
  const objects: DriftObject[] = [];
  const ignored: IgnoredDrift[] = [];
  const differences = compareSchemas(left, right);
  for (const difference of differences) {
    const rule = ignore.find(({ fits }) => fits(difference));
    const cause = causeOf(difference);
    if (rule) ignored.push({ database, ...identityOf(difference), reason: rule.reason });
    else
      objects.push({
        database,
        ...difference,
        ...(cause === undefined ? {} : { cause }),
        ...linesOf(difference),
      });
  }
  return { objects, ignored, same: left.objects.length - differences.filter(isInLeft).length };
}

/** The whole object, as it is short next to what a person needs to see. */
function linesOf({ left = '', right = '' }: SchemaDifference): Pick<DriftObject, 'lines'> {
  const found = textDiff(left, right, { context: 10_000 });
  if (found.kind === 'too-large') return {};
  return { lines: found.lines.filter((line) => !line.startsWith('@@') && !line.startsWith('\\')) };
}

function identityOf({
  type,
  name,
  change,
}: SchemaDifference): Pick<SchemaDifference, 'type' | 'name' | 'change'> {
  return { type, name, change };
}

function isInLeft({ change }: SchemaDifference): boolean {
  return change !== 'added';
}
