import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the part of V8's heap where objects begin at the size that it has now. What makes garbage faster than V8 looks
 * at it would double that part, some 50 MB in the end, and never give it back.
 * The flag is read at every growth (`SemiSpaceNewSpace::Grow`), and Node lets flags be set at any time:
 * https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
export function keepYoungGenerationAsItIs(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
