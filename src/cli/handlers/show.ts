import { MigrateError, type ExitCode } from '../../lib/errors.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { runText } from '../text/runs.ts';
import { follower } from '../follow.ts';
import { incident, refuseUnfitting } from './incident.ts';
import { inSession, question } from './question.ts';

/** `show RUN`: the run as it stands, with `--follow` its events until it ends, with `--report` its story. */
export const handle: Handler = async (invocation) => {
  refuseUnfitting(invocation, 'follow');
  if (invocation.given.has('report')) return report(invocation);
  return invocation.given.has('follow') ? follow(invocation) : once(invocation);
};

const report = incident({
  about: ({ given }) => ({ kind: 'run', run: runNumber(given.required(0)) }),
  exitCode: () => 0,
});

const once = question({
  report: 'run',
  question: ({ given }) => ({ kind: 'run', run: runNumber(given.required(0)) }),
  text: runText,
});

/** Watching only: a signal ends the watching, never the run. */
async function follow(invocation: Invocation): Promise<ExitCode> {
  const run = runNumber(invocation.given.required(0));
  const follow = follower(invocation.output);
  await inSession(invocation, async (session, signal) => {
    for await (const event of session.events(run, { until: 'end', signal })) {
      follow.tell(event);
      if (invocation.output.readerGone.aborted) break;
    }
  });
  return follow.exitCode();
}

function runNumber(text: string): number {
  const digits = /^(?:run )?(\d{1,9})$/.exec(text)?.[1];
  if (digits !== undefined) return Number(digits);
  throw new MigrateError('usage', `${JSON.stringify(text)} is not the number of a run.`, {
    next: 'migrate-tui runs lists them with their numbers.',
  });
}
