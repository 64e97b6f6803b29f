import { MigrateError } from '../../lib/errors.ts';
import type { Given } from '../arguments.ts';
import { readDatabases } from '../consent.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { recoveryText } from '../text/recovery.ts';
import { incident, refuseUnfitting } from './incident.ts';
import { question } from './question.ts';

/** Alone it asks, with `--report` for the whole story, with `--choose` it changes. */
export const handle: Handler = async (invocation) => {
  refuseUnfitting(invocation, 'choose');
  refuseUnfitting(invocation, 'only');
  refuseLonelyPlan(invocation);
  if (invocation.given.has('choose')) return (await import('./change.ts')).handle(invocation);
  return invocation.given.has('report') ? report(invocation) : ask(invocation);
};

const report = incident({
  about: ({ given }) => ({
    kind: 'environment',
    environment: given.required(0),
    databases: readDatabases(given),
  }),
  exitCode: ({ cases, notRead }) => (cases === 0 && notRead.length === 0 ? 0 : 3),
});

const ask = question({
  report: 'recovery',
  question: ({ given }) => ({
    kind: 'recovery',
    environment: given.required(0),
    databases: readDatabases(given),
    ...onlyIn(given),
  }),
  text: recoveryText,
  exitCode: ({ cases }) => (cases.length === 0 ? 0 : 3),
});

function onlyIn(given: Given): { readonly only?: string } {
  const only = given.value('only');
  return only === undefined ? {} : { only };
}

function refuseLonelyPlan({ given }: Invocation): void {
  if (!given.has('plan') || given.has('choose')) return;
  throw new MigrateError('usage', '--plan has nothing to carry out: recover without --choose only asks.', {
    next: 'Name the way out that was rehearsed, too: --choose OPTION.',
  });
}
