import { keepYoungGenerationAsItIs } from '../lib/young-generation.ts';

/** From when the first screen stands: a held key makes garbage faster than V8 looks at it. */
export function keepYoungGenerationSmall(): void {
  setTimeout(keepYoungGenerationAsItIs, afterStart).unref();
}

/** Milliseconds: what is read at the start is kept, and has to grow old in peace. */
const afterStart = 1000;
