import { count } from './numbers.ts';

/**
 * Times as people read them, always UTC. Each takes an ISO time; one that cannot be read gives
 * `time not known`, so that a foreign record never stops a page.
 */

/** `14:02:40 UTC` */
export function clock(at: string): string {
  return written(at, (date) => `${timeOf(date)} UTC`);
}

/** `14:02:40.204`: for lines of a log. */
export function clockWithMilliseconds(at: string): string {
  return written(at, (date) => date.toISOString().slice(11, 23));
}

/** `2026-11-20 14:02:40`: for what is read long afterwards, under a heading that says UTC. */
export function dateAndSecond(at: string): string {
  return written(at, (date) => date.toISOString().slice(0, 19).replace('T', ' '));
}

/** `20 Nov 14:02`: for columns, under a heading that says UTC. */
export function dayAndMinute(at: string): string {
  return written(at, (date) => `${dayOf(date)} ${date.toISOString().slice(11, 16)}`);
}

/** `20 Nov 14:02 UTC`, in a file `20 Nov 2026 14:02 UTC`. */
export function moment(
  at: string,
  { year = 'without' }: { readonly year?: 'with' | 'without' } = {},
): string {
  return written(at, (date) => {
    const day = year === 'with' ? `${dayOf(date)} ${date.getUTCFullYear()}` : dayOf(date);
    return `${day} ${date.toISOString().slice(11, 16)} UTC`;
  });
}

/** `20 Nov 14:02:11 to 14:02:48 UTC`; the second day only where it is another one. */
export function span(from: string, to: string): string {
  return written(from, (start) =>
    written(to, (end) => {
      const day = dayOf(start) === dayOf(end) ? '' : `${dayOf(end)} `;
      return `${dayOf(start)} ${timeOf(start)} to ${day}${timeOf(end)} UTC`;
    }),
  );
}

/** `4 s`, `17 min`, `3 h`, `12 d`: how long ago `at` is at `now`. A time to come counts as `0 s`. */
export function age(at: string, now: Date): string {
  return written(at, (date) => {
    const seconds = Math.max(0, Math.floor((now.getTime() - date.getTime()) / 1000));
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
    return `${count(Math.floor(seconds / 86_400))} d`;
  });
}

/** `17 min ago` */
export function ago(at: string, now: Date): string {
  return written(at, () => `${age(at, now)} ago`);
}

/** `2 d ago, 18 Nov 13:40 UTC`; with the year when it is not the present one. */
export function agoAndMoment(at: string, now: Date): string {
  return written(at, (date) => {
    const year = date.getUTCFullYear() === now.getUTCFullYear() ? 'without' : 'with';
    return `${age(at, now)} ago, ${moment(at, { year })}`;
  });
}

function written(at: string, write: (date: Date) => string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? unknown : write(date);
}

const unknown = 'time not known';

function timeOf(date: Date): string {
  return date.toISOString().slice(11, 19);
}

function dayOf(date: Date): string {
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
