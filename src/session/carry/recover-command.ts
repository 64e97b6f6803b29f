import type { Change } from '../../operations/change.ts';

/** The command line that takes a way out, without flags of consent. */
export function recoverCommand({
  environment,
  option,
  database,
  only,
}: Pick<Extract<Change, { kind: 'recover' }>, 'environment' | 'option' | 'database' | 'only'>): string {
  return [
    `migrate-tui recover ${environment} --choose ${option}`,
    ...(database === undefined ? [] : [`--database ${database}`]),
    ...(only === undefined ? [] : [`--only ${only}`]),
  ].join(' ');
}
