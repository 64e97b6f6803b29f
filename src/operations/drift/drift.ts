import { compareSchemas } from '../../schema/compare.ts';
import type { Schema, SchemaDifference } from '../../schema/schema.ts';
import { textDiff } from '../../schema/text-diff.ts';
import { foldName } from '../../sql/cursor.ts';
import type { DriftObject, IgnoredDrift } from '../reports.ts';

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
  const plain = dressed(compared(withoutCommas(left), withoutCommas(right)), left, right);
  // Where nothing is left but a comma, it is part of a text and does mean something.
  const lines = plain?.some((line) => !line.startsWith(' ')) === true ? plain : compared(left, right);
  return lines === undefined ? {} : { lines };
}

/** A comma at the end of a line says that another follows: the line before a new last column has not changed. */
function withoutCommas(text: string): string {
  return text.replaceAll(/,$/gm, '');
}

/** All lines of both; undefined where they are too long to be compared. */
function compared(left: string, right: string): readonly string[] | undefined {
  const found = textDiff(left, right, { context: wholeText });
  if (found.kind === 'too-large') return undefined;
  return found.lines.filter((line) => !line.startsWith('@@') && !line.startsWith('\\'));
}

const wholeText = 20_000;

/** The same lines as the texts have them. */
function dressed(
  lines: readonly string[] | undefined,
  left: string,
  right: string,
): readonly string[] | undefined {
  const [before, after] = [left.split('\n').values(), right.split('\n').values()];
  return lines?.map((line) => {
    const sign = line.charAt(0);
    const old = sign === '+' ? undefined : before.next().value;
    const now = sign === '-' ? old : after.next().value;
    return `${sign}${now ?? ''}`;
  });
}

function identityOf({
  type,
  name,
  change,
}: SchemaDifference): Pick<SchemaDifference, 'type' | 'name' | 'change'> {
  return { type, name, change };
}

/**
 * The left schema as it may be: what the configuration lets differ is as the right one has it, so that a draft from
 * one to the other leaves it alone.
 */
export function withAllowed(left: Schema, right: Schema, ignored: readonly IgnoredDrift[]): Schema {
  const keyOf = ({ type, name }: Pick<SchemaDifference, 'type' | 'name'>) => `${type} ${foldName(name)}`;
  const keys = new Set(ignored.map(keyOf));
  return {
    objects: [
      ...left.objects.filter((object) => !keys.has(keyOf(object))),
      ...right.objects.filter((object) => keys.has(keyOf(object))),
    ],
  };
}

function isInLeft({ change }: SchemaDifference): boolean {
  return change !== 'added';
}
