/** What becomes of a piece. */
export type State =
  | { readonly kind: 'keep' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'make'; readonly notes: readonly string[] }
  /** What makes it takes the place of what is there. */
  | { readonly kind: 'overwrite'; readonly notes: readonly string[] }
  | {
      readonly kind: 'alter';
      readonly statements: readonly string[];
      readonly disturbs: Disturbed;
      readonly notes: readonly string[];
    }
  /** Dropped, and made anew. */
  | { readonly kind: 'remake'; readonly notes: readonly string[] }
  /** A type whose columns go from the old one to a new one of its name. */
  | {
      readonly kind: 'retype';
      readonly renames: readonly string[];
      readonly drop: string;
      readonly notes: readonly string[];
    }
  /** No statement brings it there. */
  | { readonly kind: 'left'; readonly why: string };

/** Of what stands on a column: nothing, all of it, or what PostgreSQL does not take along to a type of the same kind. */
export type Disturbed = 'nothing' | 'all' | 'some';

export const keep: State = { kind: 'keep' };
export const drop: State = { kind: 'drop' };

export const isMade = (state: State | undefined): boolean =>
  state?.kind === 'make' || state?.kind === 'remake';
export const isDropped = (state: State | undefined): boolean =>
  state?.kind === 'drop' || state?.kind === 'remake';
