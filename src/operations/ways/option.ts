import type { MigrationStatement } from '../../migrations/migration.ts';
import type { WayOut } from './way-out.ts';

/** One of the ways out of a half-run, before it is proven by replay. */
export type Option =
  | {
      readonly kind: 'open';
      /** For `recover ENV --choose`. */
      readonly id: string;
      /** What it does and at what cost, in sentences. */
      readonly why: string;
      readonly way: WayOut;
      /** Run in a scratch database first. */
      readonly proof?: {
        readonly statements: readonly MigrationStatement[];
        /** The point of the migration in whose schema it has to end. */
        readonly to: number;
        /** Tables, in lower case, that the file itself drops: what others put on them goes with them. */
        readonly dropped?: ReadonlySet<string>;
      };
      /** What was looked at in the rows, in sentences. */
      readonly checked?: readonly string[];
      /** `never`: possible, and not what anybody should begin with. */
      readonly advice?: 'never';
    }
  | { readonly kind: 'closed'; readonly id: string; readonly why: string };
