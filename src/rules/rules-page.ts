import type { Rule, RuleExample } from './rule.ts';

/** The page of rules, printed from the rules themselves. */
export function rulesPage(rules: readonly Rule[]): string {
  return `${[heading, ...rules.map(section)].join('\n\n')}\n`;
}

const heading = `# Rules

What each rule finds in a migration, why it matters, and the safe way. An error blocks a deploy to a protected environment until it is accepted with \`--accept RULE:TAG --reason TEXT\`; warnings and notes are shown. A table that the same plan makes is exempt where rows are concerned.`;

function section(rule: Rule): string {
  return [
    `## ${rule.id}`,
    rule.title,
    `Severity: ${severity(rule)}.`,
    `Why: ${rule.why}`,
    `Safe way: ${rule.fix}`,
    `Finds:\n\n${rule.rejects.map(example).join('\n\n')}`,
    `Accepts:\n\n${rule.accepts.map(example).join('\n\n')}`,
  ].join('\n\n');
}

function severity({ severity: { file, remote } }: Rule): string {
  if (file === remote) return file;
  return file === 'off'
    ? `${remote} on a remote libSQL server, nothing on a file`
    : `${file} on a file, ${remote} on a remote libSQL server`;
}

function example({ given = [], sql }: RuleExample): string {
  const before = given.map((statement) => `-- before: ${statement};`);
  return ['```sql', ...before, ...sql.map((statement) => `${statement};`), '```'].join('\n');
}
