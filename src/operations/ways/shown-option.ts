import type { RecoveryOption } from '../reports.ts';
import type { Option } from './option.ts';

/**
 * An option as a case shows it, with the statements that it would run.
 *
 * @param best the id of the one that is recommended, where one is
 */
export function shownOption(option: Option, best: string | undefined): RecoveryOption {
  const { id, why } = option;
  if (option.kind === 'closed') return { id, recommended: false, allowed: false, why };
  const { way } = option;
  const runs = way.kind === 'run' || way.kind === 'undo' ? way.migration.statements : undefined;
  return {
    id,
    recommended: id === best,
    allowed: true,
    why,
    ...(runs && { statements: runs.map(({ sql }) => sql) }),
  };
}
