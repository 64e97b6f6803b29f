import { duration, quantity } from '../../lib/numbers.ts';
import type { Sign } from '../../lib/signs.ts';
import { clock, span } from '../../lib/time.ts';
import type { RunSummary } from '../../operations/reports.ts';
import type { Tone } from '../theme.ts';

/** How a run ended, as a sign and a word. */
export function outcomeLook(run: RunSummary): {
  readonly sign: Sign;
  readonly tone: Tone;
  readonly word: string;
} {
  switch (run.outcome) {
    case 'running':
      return { sign: 'running', tone: 'accent', word: 'at work' };
    case 'done':
      return { sign: 'done', tone: 'ok', word: 'done' };
    case 'failed':
      return { sign: 'failed', tone: 'danger', word: 'failed' };
    case 'stopped':
      return { sign: 'half', tone: 'warn', word: 'stopped' };
    case 'refused':
      return { sign: 'failed', tone: 'dim', word: 'refused' };
    case 'rehearsed':
      return { sign: 'done', tone: 'dim', word: 'rehearsed' };
    case 'cut-off':
      return { sign: 'unknown', tone: 'warn', word: 'cut off' };
  }
}

/** Who, when, what and on whose word: the facts of a run, each with its label. */
export function runFacts(run: RunSummary): readonly { readonly label: string; readonly text: string }[] {
  const git = run.git === undefined ? '' : `, git ${run.git}`;
  const facts = [
    { label: 'who', text: `${run.by}@${run.host}, migrate-tui ${run.version}${git}` },
    {
      label: 'when',
      text:
        run.finishedAt === undefined ? `from ${clock(run.startedAt)}` : span(run.startedAt, run.finishedAt),
    },
    { label: 'did', text: didWords(run) },
    ...(run.inside
      ? [{ label: 'inside', text: `it ended inside ${run.inside.tag}; what stayed is read from the target` }]
      : []),
    ...(run.confirmed
      ? [
          {
            label: 'confirmed',
            text: `${confirmedWords(run.confirmed, run.environment)} at ${clock(run.confirmed.at)}, evidence ${short(run.confirmed.hash)}`,
          },
        ]
      : []),
    ...(run.backup === undefined ? [] : [{ label: 'backup', text: run.backup }]),
    ...(run.message === undefined ? [] : [{ label: 'end', text: run.message }]),
  ];
  return facts;
}

/** `production, typed by mira`. */
function confirmedWords({ how, by }: NonNullable<RunSummary['confirmed']>, environment: string): string {
  return how === 'typed' ? `${environment}, typed by ${by}` : `agreed to by ${by}`;
}

function didWords({ applied, undone, operation }: RunSummary): string {
  if (undone !== undefined)
    return undone.length === 0 ? 'took nothing back' : `took back ${undone.map(({ tag }) => tag).join(', ')}`;
  if (applied.length === 0)
    return operation === 'dry-run' ? 'rehearsed on a copy; nothing was written' : 'applied nothing';
  const statements = applied.reduce((sum, one) => sum + one.statements, 0);
  const took = applied.reduce((sum, one) => sum + one.took, 0);
  const names =
    applied.length > 3 ? quantity(applied.length, 'migration') : applied.map(({ tag }) => tag).join(', ');
  return `${names}, ${quantity(statements, 'statement')}, ${duration(took)}`;
}

function short(hash: string): string {
  return hash.length > 8 ? `${hash.slice(0, 4)}…${hash.slice(-2)}` : hash;
}
