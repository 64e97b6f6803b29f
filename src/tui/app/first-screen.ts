import type { StatusOpening } from '../../operations/reports.ts';
import type { ScreenRequest } from '../screen.ts';

/** What is shown on top of the environments at the start; undefined: nothing is. */
export function firstScreen(opening: StatusOpening | undefined): ScreenRequest | undefined {
  if (opening === undefined) return { screen: 'welcome' };
  const cutOff = opening.unfinished.filter(({ outcome }) => outcome === 'cut-off');
  if (cutOff.length > 0) return { screen: 'unfinished', runs: opening.unfinished };
  return opening.configFile === undefined ? { screen: 'welcome' } : undefined;
}
