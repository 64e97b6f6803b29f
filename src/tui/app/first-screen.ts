import type { StatusOpening } from '../../operations/reports.ts';
import type { ScreenRequest } from '../screen.ts';

/**
 * What is shown on top of the environments at the start; undefined: nothing is.
 *
 * @param looked whether this project was looked at before: then nobody has to be welcomed
 */
export function firstScreen(
  opening: StatusOpening | undefined,
  looked: 'before' | 'never',
): ScreenRequest | undefined {
  if (opening === undefined || opening.environments.length === 0) return { screen: 'welcome' };
  // One that was cut off has to be looked at; one that still goes on can be watched again.
  if (opening.unfinished.length > 0) return { screen: 'unfinished', runs: opening.unfinished };
  return opening.configFile === undefined && looked === 'never' ? { screen: 'welcome' } : undefined;
}
