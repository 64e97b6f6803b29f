import { quantity } from '../../../lib/numbers.ts';
import type { SquashReport } from '../../../operations/squash/report.ts';
import { proofName } from './words.ts';

/** The review as a file for a ticket: names and counts, never row values. */
export function exportText(report: SquashReport): string {
  const { migrations, proof, environments, otherRefusals, changing, next } = report;
  const [first, last] = [migrations[0]?.tag ?? '', migrations.at(-1)?.tag ?? ''];
  return [
    `# Squash of ${report.database}: ${quantity(migrations.length, 'file')}, ${first} to ${last}`,
    '',
    `State: ${report.state}. ${next}`,
    ...section(
      'Proof',
      proof.map(({ check, state, says }) => `${proofName[check]}: ${state}, ${says}`),
    ),
    ...section('Rows that differ each time the history runs', changing),
    ...section(
      'Environments',
      environments.map(
        ({ environment, at, says, refusal }) => `${environment}, at ${at ?? 'none'}: ${refusal ?? says}`,
      ),
    ),
    ...section('Refused because', otherRefusals),
    '',
  ].join('\n');
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ['', `## ${title}`, '', ...items.map((item) => `- ${item}`)];
}
