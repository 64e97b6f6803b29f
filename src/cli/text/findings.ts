import type { Finding } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { severityCell } from './words.ts';

/** Two lines a finding: what and where, then the safe way. */
export function findingsText(findings: readonly Finding[], style: Style): readonly string[] {
  return findings.flatMap((finding) => {
    const severity = severityCell(finding.severity, style);
    const word = typeof severity === 'string' ? severity : style.paint(severity.as, severity.text);
    const where = `${shown(finding.tag)} statement ${finding.statement}, line ${finding.line}`;
    return [
      `  ${word}  ${shown(finding.rule)}  ${where}`,
      `      ${shown(finding.message)}`,
      ...(finding.fix === undefined ? [] : [`      Safe way: ${shown(finding.fix)}`]),
    ];
  });
}
