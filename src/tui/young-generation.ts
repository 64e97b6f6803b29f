import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the part of V8's heap where objects begin at the size it has once the first screen stands. A held key makes
 * garbage faster than V8 looks at it, so it would double that part, some 50 MB, and never give it back.
 * The flag is read at every growth (`SemiSpaceNewSpace::Grow`), and Node lets flags be set at any time:
 * https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
export function keepYoungGenerationSmall(): void {
  setTimeout(() => setFlagsFromString('--semi-space-growth-factor=1'), afterStart).unref();
}

/** Milliseconds: what is read at the start is kept, and has to grow old in peace. */
const afterStart = 1000;
