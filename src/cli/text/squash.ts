import { quantity } from '../../lib/numbers.ts';
import type { SquashEnvironment, SquashProof, SquashReport } from '../../operations/squash/report.ts';
import type { Sign } from '../../lib/signs.ts';
import { shown } from '../output/output.ts';
import type { Style, Token } from '../output/style.ts';
import { table } from '../output/table.ts';

/** One sentence, the proofs, a line for each environment, then what stands in the way or what is next. */
export function squashText(report: SquashReport, style: Style): readonly string[] {
  const { proof, environments, baseline, refusals, next } = report;
  return [
    headline(report),
    ...table(
      proof.map(({ check, state, says }) => [mark(proofs[state], style), titles[check], says]),
      [{}, {}, { cut: 'end' }],
      style,
    ),
    ...(baseline && baseline.custom.length > 0
      ? [
          `  Custom parts kept: ${shown(baseline.custom.map(({ type, name }) => `${type} ${name}`).join(', '))}.`,
        ]
      : []),
    ...(environments.length === 0
      ? []
      : [
          '',
          ...table(
            environments.map(({ environment, state, at, says, refusal }) => [
              mark(places[state], style),
              environment,
              at ?? '-',
              // The whole sentence stands below the table.
              refusal !== undefined && refusals.includes(refusal) ? words[state] : says,
            ]),
            [{}, {}, { cut: 'middle' }, { cut: 'end' }],
            style,
          ),
        ]),
    '',
    ...refusals.map((refusal) => style.paint('danger', shown(refusal))),
    ...(report.state === 'possible' && baseline ? [why] : []),
    shown(next),
  ];
}

// Whoever heard that a history in production must not be consolidated is told why this may be.
const why =
  'drizzle-orm 0.x tells what it ran by time, 1.0 and wrangler by name: the one file keeps both of the last, so a database that is there already runs nothing.';

function headline({ state, migrations, folder, archive, baseline }: SquashReport): string {
  const [first, last] = [migrations[0]?.tag ?? '', migrations.at(-1)?.tag ?? ''];
  const files = quantity(migrations.length, 'file');
  const range = `${shown(first)} to ${shown(last)}`;
  switch (state) {
    case 'nothing':
      return `${shown(folder)}: ${migrations.length === 1 ? 'one migration: nothing to squash' : 'nothing to squash, and nothing to undo'}.`;
    case 'refused':
      return baseline
        ? `${range} into one file: refused, and nothing was written.`
        : `${range} back in the place of ${shown(last)}: refused, and nothing was written.`;
    case 'possible':
      return baseline
        ? `${range} into one file: ${files} become 1. Nothing is written yet.`
        : `${range} back in the place of one file. Nothing is written yet.`;
    case 'written':
      return `${shown(baseline?.file ?? '')} stands for ${files}, ${range}; the originals are in ${shown(archive)}.`;
    case 'undone':
      return `${range} are in ${shown(folder)} again: ${files}.`;
  }
}

interface Mark {
  readonly sign: Sign;
  readonly as: Token;
}

const mark = ({ sign, as }: Mark, { signs }: Style) => ({ text: signs[sign], as });

const titles: Readonly<Record<SquashProof['check'], string>> = {
  git: 'git',
  repeatable: 'repeatable',
  schema: 'same schema',
  rows: 'same rows',
  generate: 'nothing to generate',
};

const proofs: Readonly<Record<SquashProof['state'], Mark>> = {
  proven: { sign: 'done', as: 'ok' },
  accepted: { sign: 'done', as: 'warn' },
  differs: { sign: 'failed', as: 'danger' },
  'not-possible': { sign: 'unknown', as: 'dim' },
};

const words: Readonly<Record<SquashEnvironment['state'], string>> = {
  ready: 'nothing to write',
  empty: 'nothing to write',
  'left-out': 'not asked',
  behind: 'inside the range',
  'made-otherwise': 'no record of what it has',
  depends: 'needs the one file',
  unreachable: 'did not answer',
};

const places: Readonly<Record<SquashEnvironment['state'], Mark>> = {
  ready: { sign: 'done', as: 'ok' },
  empty: { sign: 'done', as: 'dim' },
  'left-out': { sign: 'unknown', as: 'dim' },
  behind: { sign: 'failed', as: 'danger' },
  'made-otherwise': { sign: 'failed', as: 'danger' },
  depends: { sign: 'failed', as: 'danger' },
  unreachable: { sign: 'unknown', as: 'warn' },
};
