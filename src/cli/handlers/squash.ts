import { MigrateError } from '../../lib/errors.ts';
import type { SquashProof, SquashRequest } from '../../operations/squash/report.ts';
import type { Given } from '../arguments.ts';
import { readAccepted, readDatabase } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { squashText } from '../text/squash.ts';
import { inSession } from './question.ts';

/** `squash`: the proof, and with `--yes` the files; with `--tidy` a change of records. */
export const handle: Handler = async (invocation) => {
  const { given, output } = invocation;
  if (given.has('tidy')) {
    refuseBeside(given);
    return (await import('./change.ts')).handle(invocation);
  }
  if (given.has('confirm'))
    throw new MigrateError('usage', '--confirm is for --tidy: a squash writes to no environment.', {
      next: 'Leave it away.',
    });
  if (given.has('print')) refuseWriting(given);
  if (given.has('stream') && !given.has('json'))
    throw new MigrateError('usage', '--stream is for programs: it prints JSON lines.', {
      next: 'Add --json.',
    });
  const request = readRequest(given);
  const onProof = (proof: SquashProof) => {
    if (given.has('stream')) output.document({ schemaVersion: 1, kind: 'squash-proof', proof });
  };
  // What is being written is neither left half-way nor called unchanged.
  const interrupted = request.consent === 'given' ? 'end-work' : 'leave';
  const squashed = await inSession(
    invocation,
    (session, signal) => session.squash(request, { signal, onProof }),
    interrupted,
  );
  const report = output.shownHere(squashed);
  output.document(report);
  if (given.has('print') && report.baseline) output.raw(report.baseline.sql);
  else output.answer(squashText(report, output.style));
  return report.state === 'refused' ? 4 : 0;
};

function refuseBeside(given: Given): void {
  const other = (['to', 'undo', 'leave-out', 'accept', 'print'] as const).find((flag) => given.has(flag));
  if (other === undefined) return;
  throw new MigrateError('usage', `--tidy is of a squash that was made; --${other} does not fit.`, {
    next: `migrate-tui squash --tidy ${given.value('tidy')}`,
  });
}

function refuseWriting(given: Given): void {
  const other = (['undo', 'yes'] as const).find((flag) => given.has(flag));
  if (other === undefined) return;
  throw new MigrateError('usage', `--print only shows the one file; --${other} does not fit.`, {
    next: 'Leave one of them away.',
  });
}

function readRequest(given: Given): SquashRequest {
  const undo = given.has('undo');
  if (undo && given.has('to')) {
    throw new MigrateError(
      'usage',
      '--undo puts back all that the newest squash took; --to names no part of it.',
      {
        next: 'migrate-tui squash --undo',
      },
    );
  }
  return {
    what: undo ? 'undo' : 'squash',
    database: readDatabase(given),
    to: given.value('to'),
    leaveOut: given.values('leave-out'),
    accepted: readAccepted(given, 'replay-differs'),
    consent: given.has('yes') ? 'given' : 'not-given',
  };
}
