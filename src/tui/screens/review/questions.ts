import type { Effect } from '../../screen.ts';
import type { ReviewState } from './state.ts';

/** The plan as it stands, without what a rehearsal showed. */
export function askPlan({ environment, way }: Pick<ReviewState, 'environment' | 'way'>): Effect {
  const database = way ? ['--database', way.found.database] : [];
  return { kind: 'ask', id: 'plan', args: ['plan', environment, ...database] };
}

/** The plan as it stands; with the evidence when there is some, so that it is held against the target again. */
export function readAgain(state: ReviewState): Effect {
  const { environment, rehearsal } = state;
  const file = rehearsal.kind === 'rehearsed' ? rehearsal.file : undefined;
  // A way out is found anew by whoever takes it; what is asked here is only what kind of environment it is.
  if (file === undefined || state.way) return askPlan(state);
  return { kind: 'ask', id: 'plan', args: ['plan', environment, '--plan', file] };
}
