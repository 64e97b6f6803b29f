import type { Signs } from '../../lib/signs.ts';
import { ago } from '../../lib/time.ts';
import type { MigrateErrorView } from '../client/error.ts';
import { paragraph } from '../present/layout.ts';
import type { Line } from '../present/line.ts';
import type { Context, HeaderPart } from '../screen.ts';

/** The last answer. */
export interface Known<Answer> {
  readonly report: Answer;
  /** Milliseconds since 1970. */
  readonly readAt: number;
}

/** Whether it is being asked for. `Why` is what the page wants of the answer, where that is not always the same. */
export type Reading<Why extends object = object> =
  | { readonly kind: 'no' }
  | ({ readonly kind: 'asking'; readonly since: number } & Why)
  | { readonly kind: 'failed'; readonly error: MigrateErrorView };

/** A page whose last answer stays while it asks again. */
export interface Rereads {
  readonly known: Known<unknown> | undefined;
  readonly reading: Reading;
}

/** Often while it is waited for, then as often as its age changes. */
export function rereadTicks({ known, reading }: Rereads): number | undefined {
  if (reading.kind === 'asking') return 150;
  return known ? 1000 : undefined;
}

/** How fresh the answer is, for the header. */
export function freshness({ known, reading }: Rereads, { now }: Context): readonly HeaderPart[] {
  if (!known) return [];
  if (reading.kind === 'asking') return [{ text: 'reading again', tone: 'dim' }];
  return [{ text: `read ${readAgo(known, now)}`, tone: 'dim' }];
}

/** `4 s ago` */
export function readAgo({ readAt }: Pick<Known<unknown>, 'readAt'>, now: number): string {
  return ago(new Date(readAt).toISOString(), new Date(now));
}

/** Above an answer that could not be read again: why not, and that it is the last known. */
export function problemLines(signs: Signs, reading: Reading, width: number): readonly Line[] {
  if (reading.kind !== 'failed') return [];
  const { message, next } = reading.error;
  const more = `Nothing was changed. ${next ?? 'r reads again.'} Below is what was known before.`;
  return [
    ...paragraph(`${signs.failed} ${message}`, { width, tone: 'danger' }),
    ...paragraph(more, { width, indent: 4 }),
  ];
}
