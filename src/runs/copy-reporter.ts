import type { OnCopyProgress } from '../engines/copy-progress.ts';
import type { CopyStep } from '../operations/plan/step.ts';
import type { RunContext } from './context.ts';

/** Tells how far a copy is, some times a second and when a table is done, with the time that is left going by the pace so far. */
export function copyReporter(
  { database }: Pick<CopyStep, 'database'>,
  { events }: Pick<RunContext, 'events'>,
): OnCopyProgress {
  const begun = performance.now();
  let told = 0;
  return ({ done, total, unit, table }) => {
    const now = performance.now();
    const isEnd = done === total || table?.done === table?.total;
    if (now - told < between && !(isEnd && table !== undefined)) return;
    told = now;
    const left = leftOf({ done, total, took: now - begun });
    events.emit({
      kind: 'progress',
      step: 'copy',
      database,
      done,
      unit,
      what: table === undefined ? 'copying' : `copying ${table.name}`,
      ...(total === undefined ? {} : { total }),
      ...(table === undefined ? {} : { table }),
      ...(left === undefined ? {} : { left }),
    });
  };
}

/** Milliseconds. */
const between = 250;

/** The first moments say nothing about the pace. */
function leftOf({
  done,
  total,
  took,
}: {
  readonly done: number;
  readonly total: number | undefined;
  readonly took: number;
}): number | undefined {
  if (total === undefined || done === 0 || took < 500) return undefined;
  return Math.round((took / done) * Math.max(0, total - done));
}
