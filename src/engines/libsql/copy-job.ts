import type { ErrorCode } from '../../lib/errors.ts';
import type { CopyProgress } from '../copy-progress.ts';
import type { Content } from './content.ts';
import type { CopyAcrossJob } from './copy-across.ts';
import type { CopyInJob } from './copy-in.ts';
import type { CopyOutJob } from './copy-out.ts';
import type { CopyRowsJob } from './copy-rows.ts';

/** What the copying process is told to do: one thing, then it ends. */
export type CopyJob = CopyInJob | CopyOutJob | CopyAcrossJob | CopyRowsJob;

/** What it says. `done` and `failed` end it. */
export type CopyMessage =
  /** All pages are on the disk; what follows is verification. */
  | { readonly kind: 'copied' }
  | ({ readonly kind: 'progress' } & CopyProgress)
  | { readonly kind: 'done'; readonly content: Content }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly next: string | undefined;
    }
  | { readonly kind: 'bug'; readonly stack: string };
