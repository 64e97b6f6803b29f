import type { RecoverableCase } from '../recovery.ts';

/** Where the same correction mends several cases of a kind, the first of them says that one command does for all. */
export function takenTogether(cases: readonly RecoverableCase[]): readonly RecoverableCase[] {
  const groups = Map.groupBy(cases, ({ shown }) => shown.situation);
  return cases.map((each) => {
    const group = groups.get(each.shown.situation) ?? [];
    const id = group[0] === each && group.length > 1 ? sharedCorrection(group) : undefined;
    return id === undefined ? each : sayAll(each, id, group.length);
  });
}

/** An option that each of them offers and that only puts records right. */
function sharedCorrection(group: readonly RecoverableCase[]): string | undefined {
  const ids = group[0]?.shown.options.map(({ id }) => id) ?? [];
  return ids.find((id) => group.every(({ ways }) => ways.get(id)?.kind === 'correct'));
}

function sayAll({ shown, ways }: RecoverableCase, id: string, count: number): RecoverableCase {
  const options = shown.options.map((option) =>
    option.id === id
      ? { ...option, why: `${option.why} Without --only it is done for all ${count} of this kind at once.` }
      : option,
  );
  return { shown: { ...shown, options }, ways };
}
