import { count, quantity } from '../../../lib/numbers.ts';
import type { DriftBase } from '../../../operations/questions.ts';
import type { DriftObject, DriftReport, IgnoredDrift } from '../../../operations/reports.ts';
import type { Context } from '../../screen.ts';
import type { DriftItem, DriftState } from './state.ts';

/** `its migrations`, `staging`, `backup b41`. */
export function otherWords(than: DriftBase): string {
  switch (than.kind) {
    case 'migrations':
      return 'its migrations';
    case 'environment':
      return than.name;
    case 'file':
      return `backup ${than.file}`;
  }
}

/** What stands over the two texts, and over one that has no other. */
export interface SideTitles {
  readonly left: string;
  readonly right: string;
  readonly onlyLeft: string;
  readonly onlyRight: string;
}

export function sideTitles({ environment, than }: Pick<DriftState, 'environment' | 'than'>): SideTitles {
  const right = `${environment} has`;
  const onlyRight = `only ${environment} has it`;
  if (than.kind === 'migrations')
    return { left: 'migrations say', right, onlyLeft: 'only its migrations have it', onlyRight };
  const other = than.kind === 'environment' ? than.name : than.file;
  return { left: `${other} has`, right, onlyLeft: `only ${other} has it`, onlyRight };
}

/** The first sentence: how much differs. */
export function countWords({ objects, ignored, databases }: DriftReport): string {
  const same = databases.reduce((sum, one) => sum + one.same, 0);
  const equal = `${count(same)} ${same === 1 ? 'is' : 'are'} equal`;
  return `${quantity(objects.length, 'object')} ${objects.length === 1 ? 'differs' : 'differ'}, ${equal}. Nothing was changed.${allowedWords(ignored)}`;
}

/** Nothing differs: what that means, in the words of what was compared. */
export function equalWords(
  { environment, than }: Pick<DriftState, 'environment' | 'than'>,
  { databases, ignored }: DriftReport,
): string {
  const same = databases.reduce((sum, one) => sum + one.same, 0);
  const objects = `(${quantity(same, 'object')}).${allowedWords(ignored)}`;
  return than.kind === 'migrations'
    ? `No drift: ${environment} is what its migrations say ${objects}`
    : `No difference: ${environment} and ${otherWords(than)} have the same schema ${objects}`;
}

function allowedWords({ length }: readonly IgnoredDrift[]): string {
  return length === 0 ? '' : ` ${count(length)} more ${length === 1 ? 'differs' : 'differ'}, and may.`;
}

/** What is going on while nothing is known yet. */
export function askingWords({ environment, than, database }: DriftState, { opening }: Context): string {
  switch (than.kind) {
    case 'migrations': {
      const of = opening?.databases.find(({ name }) => name === database) ?? opening?.databases[0];
      const amount = of === undefined ? 'its migrations' : quantity(of.migrations.length, 'migration');
      return `reading ${environment} and replaying ${amount} in an empty database`;
    }
    case 'environment':
      return `reading ${environment} and ${than.name}`;
    case 'file':
      return `reading ${environment} and backup ${than.file}`;
  }
}

/** `table users` */
export function nameOf({ type, name }: DriftObject | IgnoredDrift): string {
  return `${type} ${name}`;
}

/** What is said of an item besides its text: the label and the clause behind it. */
export function causeWords(item: DriftItem): readonly [label: string, text: string] | undefined {
  if (item.kind === 'allowed') return ['may differ:', item.object.reason];
  const { cause } = item.object;
  return cause === undefined ? undefined : ['likely cause:', cause];
}
