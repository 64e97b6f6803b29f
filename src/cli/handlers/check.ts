import type { CheckReport } from '../../operations/reports.ts';
import { readDatabases } from '../consent.ts';
import { checkText } from '../text/check.ts';
import { question } from './question.ts';

export const handle = question({
  report: 'check',
  question: ({ given }) => ({ kind: 'check', databases: readDatabases(given) }),
  text: checkText,
  exitCode: (report) => (hasFound(report) ? 3 : 0),
});

/** A warning is said and fails no build. */
function hasFound({ databases }: CheckReport): boolean {
  return databases.some(
    ({ schema, findings }) =>
      schema.state === 'ahead' ||
      schema.state === 'broken' ||
      findings.some(({ severity }) => severity === 'error'),
  );
}
