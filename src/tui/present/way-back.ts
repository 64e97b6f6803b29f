import { clock } from '../../lib/time.ts';
import { say, type Line } from './line.ts';
import type { RunView } from './run-view.ts';
import { wrapped } from './width.ts';

/**
 * The two lines that never leave a run: what stopping would do at this very moment, and the way back.
 * Of a run whose process is gone the way back alone: nothing is left to stop.
 */
export function wayBackLines(
  view: RunView,
  { width, process = 'alive' }: { readonly width: number; readonly process?: 'alive' | 'gone' },
): readonly Line[] {
  const stopping = view.stopping ?? stoppingBefore(view);
  const labels =
    width >= 100 ? (['if you stop now', 'way back'] as const) : (['stop now', 'way back'] as const);
  return [
    ...(process === 'gone' ? [] : labelled(labels[0], stopping, width, labels[0].length)),
    ...labelled(labels[1], wayBackWords(view), width, labels[0].length),
  ];
}

/** Before the first step tells of itself nothing was written. */
function stoppingBefore({ environment }: RunView): string {
  return `ctrl-c ends it before anything was changed in ${environment === '' ? 'the target' : environment}`;
}

/** `b41 of 14:02:13 UTC, proven to restore by the dry-run`; the same words in the linear form. */
export function wayBackWords({ wayBack, steps }: Pick<RunView, 'wayBack' | 'steps'>): string {
  if (!wayBack) {
    const isOver = steps.some(({ step, state }) => step === 'backup' && state === 'done');
    return isOver
      ? 'no backup: there was nothing to back up before this run'
      : 'no backup of this run yet: nothing was written either';
  }
  const proof = proofWords[wayBack.proof];
  const because = wayBack.because === undefined ? '' : `; taken because ${wayBack.because}`;
  return `${wayBack.backup} of ${clock(wayBack.at)}, ${proof}${because}`;
}

/** How sure a backup is. */
export const proofWords = {
  proven: 'proven to restore by the dry-run',
  'read-back': 'read back',
  'kept-by-server': "kept in the server's own history",
} as const;

function labelled(label: string, text: string, width: number, labelWidth: number): readonly Line[] {
  const indent = labelWidth + 5;
  const [first = '', ...rest] = wrapped(text, width - indent - 1);
  return [
    [say(`  ${label.padEnd(indent - 2)}`, 'dim'), say(first)],
    ...rest.map((row) => [say(' '.repeat(indent)), say(row)]),
  ];
}
