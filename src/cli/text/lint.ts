import { count, quantity } from '../../lib/numbers.ts';
import type { LintFinding, LintReport, LintRule } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { severityCell } from './words.ts';

/** File by file what was found; why it matters, and the safe way, at the first finding of a rule. Then how much it is. */
export function lintText(report: LintReport, style: Style): readonly string[] {
  const rules = new Map(report.rules.map((rule) => [rule.id, rule]));
  const told = new Set<string>();
  const files = [...Map.groupBy(report.findings, ({ file }) => file)];
  return [
    ...files.flatMap(([file, findings]) => [
      style.paint('accent', shown(file)),
      ...findings.flatMap((finding) => findingText(finding, { rule: rules.get(finding.rule), told, style })),
      '',
    ]),
    ...report.databases.flatMap(({ notes }) =>
      notes.map((note) => `${style.paint('warn', style.signs.finding)} ${shown(note)}`),
    ),
    ...lintSummary(report),
  ];
}

function findingText(
  finding: LintFinding,
  {
    rule,
    told,
    style,
  }: { readonly rule: LintRule | undefined; readonly told: Set<string>; readonly style: Style },
): readonly string[] {
  const severity = severityCell(finding.severity, style);
  const word = typeof severity === 'string' ? severity : style.paint(severity.as, severity.text);
  const why = rule && !told.has(rule.why) ? [`      Why: ${shown(rule.why)}`] : [];
  const way =
    finding.fix !== undefined && !told.has(finding.fix) ? [`      Safe way: ${shown(finding.fix)}`] : [];
  for (const text of [rule?.why, finding.fix]) if (text !== undefined) told.add(text);
  return [
    `  ${word}  ${shown(finding.rule)}  ${shown(finding.file)}:${finding.line}${environmentsText(finding)}`,
    `      ${shown(finding.message)}`,
    ...why,
    ...way,
  ];
}

/** Where a finding is not about all environments, which. */
export function environmentsText({ environments }: LintFinding): string {
  return environments === undefined ? '' : `  (${environments.map(shown).join(', ')} only)`;
}

/** How much was found in how many files. */
export function lintSummary({ findings, databases }: LintReport): readonly string[] {
  const looked = databases.reduce((sum, each) => sum + each.looked, 0);
  const of = databases.reduce((sum, each) => sum + each.of, 0);
  const files = looked === of ? quantity(looked, 'file') : `${count(looked)} of ${quantity(of, 'file')}`;
  if (findings.length === 0)
    return [looked === 0 && of > 0 ? 'No file to look at.' : `Nothing found in ${files}.`];
  const kinds = (
    [
      ['error', 'error'],
      ['warning', 'warning'],
      ['info', 'note'],
    ] as const
  ).flatMap(([severity, word]) => {
    const many = findings.filter((finding) => finding.severity === severity).length;
    return many === 0 ? [] : [quantity(many, word)];
  });
  return [`${kinds.join(', ')} in ${files}.`];
}
