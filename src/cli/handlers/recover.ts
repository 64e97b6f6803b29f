import { readDatabases } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { recoveryText } from '../text/recovery.ts';
import { question } from './question.ts';

/** Alone it asks, with `--choose` it changes. */
export const handle: Handler = async (invocation) =>
  invocation.given.has('choose') ? (await import('./change.ts')).handle(invocation) : ask(invocation);

const ask = question({
  report: 'recovery',
  question: ({ given }) => ({
    kind: 'recovery',
    environment: given.required(0),
    databases: readDatabases(given),
  }),
  text: recoveryText,
  exitCode: ({ cases }) => (cases.length === 0 ? 0 : 3),
});
