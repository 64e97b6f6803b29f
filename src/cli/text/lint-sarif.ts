import { posix } from 'node:path';
import { version } from '../../lib/version.ts';
import type { LintFinding, LintReport, LintRule } from '../../operations/reports.ts';
import { environmentsText } from './lint.ts';

/**
 * SARIF 2.1.0, as code scanning reads it: paths are relative to the root of the repository, columns count UTF-16 units.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function lintSarif({ findings, rules, within = '' }: LintReport) {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'migrate-tui', version: version(), rules: rules.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'The root of the repository.' } } },
        results: findings.map((finding) => resultOf(finding, { rules, within })),
      },
    ],
  };
}

function ruleOf({ id, title, why, fix }: LintRule) {
  return {
    id,
    name: id,
    shortDescription: { text: title },
    fullDescription: { text: `${title} ${why}` },
    help: { text: `${why}\n\nSafe way: ${fix}`, markdown: `${why}\n\n**Safe way:** ${fix}` },
  };
}

function resultOf(
  finding: LintFinding,
  { rules, within }: { readonly rules: readonly LintRule[]; readonly within: string },
) {
  const { rule, severity, message, fix } = finding;
  const says = fix === undefined ? message : `${message} Safe way: ${fix}`;
  return {
    ruleId: rule,
    ruleIndex: rules.findIndex(({ id }) => id === rule),
    level: levels[severity],
    message: { text: `${says}${environmentsText(finding)}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(posix.join(within, finding.file)), uriBaseId: 'SRCROOT' },
          region: regionOf(finding),
        },
      },
    ],
  };
}

const levels: Readonly<Record<LintFinding['severity'], string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

function regionOf({ line, column, endLine, endColumn }: LintFinding) {
  return {
    startLine: line,
    ...(column === undefined ? {} : { startColumn: column }),
    ...(endLine === undefined ? {} : { endLine }),
    ...(endColumn === undefined ? {} : { endColumn }),
  };
}

function uriOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
