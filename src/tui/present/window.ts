/**
 * The part of a long list that is drawn: at most `height` rows, with the cursor in sight.
 * The old top stays where it can, so that the list does not jump under the eye.
 *
 * @returns the index of the first row drawn
 */
export function windowTop({ top, cursor, height, length }: WindowOptions): number {
  const last = Math.max(0, length - height);
  const down = cursor - height + 1;
  return Math.min(last, Math.max(0, Math.min(Math.max(top, down), cursor)));
}

export interface WindowOptions {
  readonly top: number;
  readonly cursor: number;
  readonly height: number;
  readonly length: number;
}
