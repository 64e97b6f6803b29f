import type { Diagnosed } from '../../operations/diagnosis/diagnosis.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { openScratchHistory } from './scratch-history.ts';
import { search, type Found, type SearchInput } from './search.ts';
import { verdictsOf } from './verdicts.ts';
import { making } from '../replay/replay.ts';
import type { ReplayBaseOptions } from '../replay/replay-points.ts';

export type DiagnoseInput = SearchInput & ReplayBaseOptions;

/**
 * Says of every migration without a record how far it came, by replaying the history in a scratch database and
 * comparing what each statement makes with the target. What several of them may have left is told apart by trying
 * every way in which the target can have come about. Drift in other parts of the schema changes no verdict.
 *
 * @returns by tag; of those whose record is doubted only what contradicts it
 */
export async function diagnose(input: DiagnoseInput): Promise<ReadonlyMap<string, Diagnosed>> {
  await using scratch = await openScratchHistory(input);
  const refusal = input.from && (await scratch.keep(making(input.from.schema)));
  if (refusal)
    return allOpen(input, { diagnosis: { kind: 'cannot-replay', why: refusal.why }, evidence: [] });
  const found = await search(input, scratch);
  switch (found.kind) {
    case 'states':
      return verdictsOf(found);
    case 'refused':
      return allOpen(input, cannotReplay(found));
    case 'too-many':
      return allOpen(input, tooMany);
    default:
      return unreachable(found);
  }
}

function cannotReplay({
  migration: { tag },
  refusal: { statement, why },
}: Extract<Found, { kind: 'refused' }>): Diagnosed {
  const where = statement === 0 ? {} : { statement };
  return { diagnosis: { kind: 'cannot-replay', tag, ...where, why }, evidence: [] };
}

const tooMany: Diagnosed = {
  diagnosis: { kind: 'undecided' },
  evidence: ['The migrations without a record fit the schema in too many ways to tell them apart.'],
};

/** A record that is doubted is not contradicted by what cannot be told. */
function allOpen(
  { migrations, recorded }: SearchInput,
  diagnosed: Diagnosed,
): ReadonlyMap<string, Diagnosed> {
  const open = migrations.filter(({ tag }) => !recorded.has(tag));
  return new Map(open.map(({ tag }) => [tag, diagnosed]));
}
