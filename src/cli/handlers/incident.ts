import { resolve } from 'node:path';
import { MigrateError, type ExitCode } from '../../lib/errors.ts';
import type { Question } from '../../operations/questions.ts';
import type { IncidentReport } from '../../operations/reports.ts';
import type { FlagName } from '../flags.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { writeAsked } from '../write-asked.ts';
import { question } from './question.ts';

export interface IncidentOptions {
  readonly about: (invocation: Invocation) => Extract<Question, { kind: 'incident' }>['about'];
  readonly exitCode: (report: IncidentReport) => ExitCode;
}

/** Prints an incident report as Markdown, and writes it to a file where `--out` names one. */
export function incident({ about, exitCode }: IncidentOptions): Handler {
  return question({
    report: 'incident-report',
    question: (invocation) => ({ kind: 'incident', about: about(invocation) }),
    text: ({ markdown }) => markdown.trimEnd().split('\n'),
    also: async ({ markdown }, { given, cwd }) => {
      const out = given.value('out');
      if (out !== undefined) await writeAsked('The report', resolve(cwd, out), markdown);
    },
    exitCode,
  });
}

/** `--report` tells, and stands beside nothing that does something else; `--out` says where the report goes. */
export function refuseUnfitting({ given, command }: Invocation, other: FlagName): void {
  if (given.has('report') && given.has(other)) {
    throw new MigrateError('usage', `--report and --${other} are two things to do.`, {
      next: `Run ${command.name} once with each of them.`,
    });
  }
  if (given.has('out') && !given.has('report')) {
    throw new MigrateError('usage', `--out has nothing to write: ${command.name} writes a report.`, {
      next: 'Give --report, too.',
    });
  }
}
