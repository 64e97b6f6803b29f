import { restOf } from '../../operations/rollback/rest.ts';
import type { HalfTakenBack } from '../../operations/situations/half-taken-back.ts';
import { readSchema } from '../../schema/read.ts';
import type { DiagnosedOptions } from './diagnosed.ts';
import { atWorkOn } from './half-without-file.ts';

/** What there is to see of migrations whose rollback stopped in the middle. The target is only read. */
export async function takenBackFacts({
  engine,
  snapshot,
  own,
}: DiagnosedOptions): Promise<readonly HalfTakenBack[]> {
  const { history, bookkeeping, lease } = snapshot;
  const { takenBack = [] } = history;
  if (takenBack.length === 0) return [];
  const schema = await readSchema(engine.query, { bookkeeping: [bookkeeping.table] });
  return Promise.all(
    takenBack.map(async (one) => {
      const atWork = await atWorkOn(one.noted, { lease, engine, own });
      return { ...one, rest: restOf(one, schema), ...(atWork && { atWork }) };
    }),
  );
}
