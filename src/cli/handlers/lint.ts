import { MigrateError } from '../../lib/errors.ts';
import type { LintScope } from '../../operations/questions.ts';
import type { LintReport } from '../../operations/reports.ts';
import type { Given } from '../arguments.ts';
import { readDatabases } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { toJson } from '../output/json.ts';
import type { Output } from '../output/output.ts';
import { githubLines } from '../text/lint-github.ts';
import { lintSarif } from '../text/lint-sarif.ts';
import { lintSummary, lintText } from '../text/lint.ts';
import { inSession } from './question.ts';

/** What the rules find in files, for people or for the program that asked. Exit 3 where something of it is an error. */
export const handle: Handler = async (invocation) => {
  const { given, output } = invocation;
  const format = formatOf(given);
  const question = { kind: 'lint', databases: readDatabases(given), of: scopeOf(given) } as const;
  const report = await inSession(invocation, async (session, signal) => {
    const answer = await session.ask(question, { signal });
    if (answer.kind !== 'lint') throw new Error(`A ${answer.kind} answered lint.`);
    return answer;
  });
  print(report, format, output);
  return report.findings.some(({ severity }) => severity === 'error') ? 3 : 0;
};

const formats = ['text', 'json', 'sarif', 'github'] as const;
type Format = (typeof formats)[number];

function formatOf(given: Given): Format {
  const written = given.value('format');
  const format = formats.find((known) => known === written);
  if (written !== undefined && format === undefined) {
    throw new MigrateError('usage', `--format ${JSON.stringify(written)} is no format of lint.`, {
      next: 'Write --format text, json, sarif or github.',
    });
  }
  if (!given.has('json')) return format ?? 'text';
  if (format === undefined || format === 'json') return 'json';
  throw new MigrateError('usage', `--json and --format ${format} are two formats.`, {
    next: 'Keep one of them.',
  });
}

function scopeOf(given: Given): LintScope {
  const { positionals } = given;
  const revision = given.value('since');
  if (revision === undefined)
    return positionals.length === 0 ? { kind: 'all' } : { kind: 'files', files: positionals };
  if (positionals.length === 0) return { kind: 'since', revision };
  throw new MigrateError('usage', '--since chooses the files, and files are named as well.', {
    next: 'Keep one of them.',
  });
}

function print(report: LintReport, format: Format, output: Output): void {
  switch (format) {
    case 'text':
      output.answer(lintText(report, output.style));
      return;
    case 'json':
      output.document(report);
      return;
    case 'sarif':
      output.raw(`${toJson(lintSarif(report))}\n`);
      return;
    case 'github':
      output.raw(
        githubLines(report)
          .map((line) => `${line}\n`)
          .join(''),
      );
      output.say(lintSummary(report));
  }
}
