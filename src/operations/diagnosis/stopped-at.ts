import { count } from '../../lib/numbers.ts';
/** How far a migration came that is half-finished, behind its name. Before the end of the first statement it left something. */
export function stoppedAt({ after, of }: { readonly after: number; readonly of: number }): string {
  return after === 0
    ? `stopped in statement 1 of ${count(of)}`
    : `stopped after statement ${count(after)} of ${count(of)}`;
}
