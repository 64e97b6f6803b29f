import { MigrateError } from '../../lib/errors.ts';
import type { DriftBase, Question } from '../../operations/questions.ts';
import type { Given } from '../arguments.ts';
import { readDatabases } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { driftTableText, driftText } from '../text/drift.ts';
import { question } from './question.ts';

/** One environment beside something else, or with `--all` every environment beside its own migrations. */
export const handle: Handler = (invocation) =>
  invocation.given.has('all') ? all(invocation) : one(invocation);

const one = question({
  report: 'drift',
  question: ({ given }): Question => {
    const [environment] = given.positionals;
    if (environment === undefined) {
      throw new MigrateError('usage', 'No environment is named.', {
        next: 'Write migrate-tui drift ENV, or migrate-tui drift --all.',
      });
    }
    const draft = formatOf(given) === 'sql' ? { draft: 'wanted' as const } : {};
    return { kind: 'drift', environment, databases: readDatabases(given), than: baseOf(given), ...draft };
  },
  text: driftText,
  exitCode: ({ equal }, { given }) => (given.has('check') && !equal ? 3 : 0),
});

const all = question({
  report: 'drift-all',
  question: ({ given }): Question => {
    if (given.positionals.length > 0 || given.has('against')) {
      throw new MigrateError('usage', '--all compares every environment with its own migrations.', {
        next: 'Leave --all away to compare one.',
      });
    }
    return { kind: 'drift-all', databases: readDatabases(given) };
  },
  text: driftTableText,
  exitCode: ({ environments }, { given }) => {
    const isEqual = environments.every(({ targets }) => targets.every(({ state }) => state === 'equal'));
    return given.has('check') && !isEqual ? 3 : 0;
  },
});

function formatOf(given: Given): 'text' | 'json' | 'sql' {
  const format = given.value('format') ?? 'text';
  if (format === 'text' || format === 'json' || format === 'sql') return format;
  throw new MigrateError('usage', `--format ${JSON.stringify(format)} is no format of drift.`, {
    next: 'Write --format text, --format json or --format sql.',
  });
}

function baseOf(given: Given): DriftBase {
  const [, other] = given.positionals;
  const file = given.value('against');
  if (other !== undefined && file !== undefined) {
    throw new MigrateError('usage', `${other} and --against ${file} are two things to compare with.`, {
      next: 'Keep one of them.',
    });
  }
  if (other !== undefined) return { kind: 'environment', name: other };
  return file === undefined ? { kind: 'migrations' } : { kind: 'file', file };
}
