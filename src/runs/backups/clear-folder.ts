import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';

/** A folder of this user alone for what is only encrypted where it is kept. */
export interface ClearFolder extends AsyncDisposable {
  readonly path: string;
}

/** Its name ends as `sweepScratch` wants it, so that what a killed process leaves goes at the start of the next run. */
export async function makeClearFolder(scratch: string): Promise<ClearFolder> {
  const path = join(scratch, `clear-${randomBytes(6).toString('hex')}-${process.pid}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
