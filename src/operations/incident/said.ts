import { prose } from '../../lib/markdown.ts';
import { withoutValues } from '../../lib/without-values.ts';
import type { Incident } from './incident.ts';

/**
 * What a run or an engine said, for the report: without values that are quoted in it, as a run may have been asked to
 * show them, and with paths from the project on.
 */
export function said(text: string, { root }: Pick<Incident, 'root'>): string {
  return prose(withoutValues(text.replaceAll(`${root}/`, '')));
}
