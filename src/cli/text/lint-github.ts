import { posix } from 'node:path';
import type { LintFinding, LintReport } from '../../operations/reports.ts';
import { environmentsText } from './lint.ts';

/**
 * A line a finding that a workflow of GitHub shows beside the code.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function githubLines({ findings, within = '' }: LintReport): readonly string[] {
  return findings.map((finding) => {
    const { line, endLine, column, endColumn } = finding;
    const place = {
      file: posix.join(within, finding.file),
      line,
      endLine,
      // Shown only where the end is on the same line.
      ...(endLine === line ? { col: column, endColumn } : {}),
      title: `${finding.rule}${environmentsText(finding)}`,
    };
    const properties = Object.entries(place)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${property(String(value))}`);
    return `::${commands[finding.severity]} ${properties.join(',')}::${data(textOf(finding))}`;
  });
}

const commands: Readonly<Record<LintFinding['severity'], string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
};

function textOf({ message, fix }: LintFinding): string {
  return fix === undefined ? message : `${message}\nSafe way: ${fix}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
