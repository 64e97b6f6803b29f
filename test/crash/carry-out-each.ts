import type { RecoveryCase } from '../../src/operations/reports.ts';
import type { Matrix } from './asking.ts';
import { keyOf } from './stand.ts';
import { carryOut, type Contents } from './ways.ts';

export interface Offered {
  readonly contents: Contents;
  /** Where it was left so. */
  readonly point: string;
  /** The same content with the same option is carried out once; an option is followed by a deploy once. */
  readonly carried: Set<string>;
  /** The target and the ledger as they were when it was asked. */
  readonly putBack: () => Promise<void>;
}

/** Carries out every allowed option, each on a copy of its own. */
export async function carryOutEach(
  { stand, kind, built, tally }: Matrix,
  cases: readonly RecoveryCase[],
  { contents, point, carried, putBack }: Offered,
): Promise<void> {
  const { engine } = stand;
  for (const { situation, options } of cases) {
    for (const option of options.filter(({ allowed }) => allowed)) {
      const key = `${keyOf(contents.left)} ${situation} ${option.id}`;
      if (carried.has(key)) continue;
      const deploy = carried.has(option.id) ? 'seen' : contents.deploy;
      carried.add(key).add(option.id);
      await putBack();
      const why = await carryOut({ stand, kind, option, contents: { ...contents, deploy }, built });
      const result = why === '' ? 'good' : 'bad';
      tally.ways.push({ engine, kind: kind.name, point, option: option.id, result, why });
    }
  }
}
