import { quantity } from '../../lib/numbers.ts';
import type { Sign, Signs } from '../../lib/signs.ts';
import type { Finding } from '../../operations/reports.ts';
import { numberOf } from './evidence.ts';
import { rule } from './layout.ts';
import { say, type Line } from './line.ts';
import { wrapped } from './width.ts';
import type { Tone } from '../theme.ts';

/** The findings of a plan under their rule; a finding takes as many rows as its sentence needs. */
export function findingLines(
  signs: Signs,
  findings: readonly Finding[],
  {
    width,
    cursor,
    several,
  }: {
    readonly width: number;
    readonly cursor: number | undefined;
    /** More than one migration is planned: each finding says of which it is. */
    readonly several: boolean;
  },
): readonly { readonly line: Line; readonly finding: number | undefined }[] {
  if (findings.length === 0) return [];
  const title = rule(signs, width, [
    { at: 3, title: 'findings' },
    { at: 0, title: countWords(findings), tone: 'dim' },
  ]);
  const rows = findings.flatMap((finding, index) => {
    const mark = cursor === index ? `${signs.cursor} ` : '  ';
    const of = several ? `${numberOf(finding.tag)} ` : '';
    return findingRows(signs, finding, { mark, of, width }).map((line) => ({ line, finding: index }));
  });
  return [{ line: title, finding: undefined }, ...rows];
}

/** `1 warning, 1 note` */
function countWords(findings: readonly Finding[]): string {
  const of = (severity: Finding['severity']): number =>
    findings.filter((one) => one.severity === severity).length;
  const parts = [
    [of('error'), 'error'],
    [of('warning'), 'warning'],
    [of('info'), 'note'],
  ] as const;
  return parts.flatMap(([number, word]) => (number > 0 ? [quantity(number, word)] : [])).join(', ');
}

function findingRows(
  signs: Signs,
  finding: Finding,
  {
    mark,
    of,
    width,
  }: {
    readonly mark: string;
    /** The migration, where that has to be said. */
    readonly of: string;
    readonly width: number;
  },
): readonly Line[] {
  const { sign, tone, word } = lookOf(finding);
  const place = `${of}statement ${finding.statement}`;
  const fix =
    finding.fix === undefined ? '' : ` ${finding.severity === 'info' ? '' : 'Safe way: '}${finding.fix}`;
  const [first = '', ...rest] = wrapped(`${place}: ${withStop(finding.message)}${fix}`, width - indent - 1);
  return [
    [
      say(mark, 'accent'),
      say(signs[sign], tone),
      say(` ${word.padEnd(indent - 4)}`, tone === 'danger' ? 'danger' : 'text'),
      say(first),
    ],
    ...rest.map((text) => [say(' '.repeat(indent)), say(text)]),
  ];
}

const indent = 13;

function lookOf({ severity }: Finding): { readonly sign: Sign; readonly tone: Tone; readonly word: string } {
  switch (severity) {
    case 'error':
      return { sign: 'failed', tone: 'danger', word: 'error' };
    case 'warning':
      return { sign: 'finding', tone: 'warn', word: 'warning' };
    case 'info':
      return { sign: 'nothing', tone: 'dim', word: 'note' };
  }
}

function withStop(sentence: string): string {
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
}
