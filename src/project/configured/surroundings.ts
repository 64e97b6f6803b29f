import type { UnsetVariables } from '../evaluation/evaluate.ts';
import type { Variables } from '../dotenv.ts';
import type { FoundParts } from '../found.ts';
import type { DrizzleReading } from '../drizzle/read.ts';
import type { WranglerReadings } from '../wrangler/readings.ts';

/** What our configuration is joined with. */
export interface Surroundings {
  readonly file: string;
  readonly root: string;
  readonly env: Variables;
  readonly unset: UnsetVariables;
  readonly readings: readonly DrizzleReading[];
  readonly wranglers: WranglerReadings;
  readonly found: FoundParts;
}
