import { quantity } from '../../lib/numbers.ts';

/**
 * What of migrations is committed together.
 *
 * @param migrations those with `parts` are not one transaction
 */
export function committed(
  migrations: readonly { readonly tag: string; readonly parts?: number | undefined }[],
): string {
  const whole = 'each migration and its record in one transaction';
  const [first, ...others] = migrations.filter(({ parts }) => parts !== undefined);
  if (first === undefined) return whole;
  if (others.length + 1 === migrations.length) return 'step by step, the record in the last';
  return `${whole}, but ${others.length === 0 ? first.tag : quantity(others.length + 1, 'migration')} step by step`;
}
