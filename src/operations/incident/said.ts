import { prose } from '../../lib/markdown.ts';
import { withoutValues } from '../../lib/without-values.ts';
import type { Incident } from './incident.ts';

/**
 * What a run or an engine said, for the report: without values that are quoted in it, as a run may have been asked to
 * show them, and with paths from the project on. A question that it names is left out, as that is a statement's text.
 */
export function said(text: string, { root }: Pick<Incident, 'root'>): string {
  return prose(withoutValues(text.replaceAll(`${root}/`, '').replaceAll(asked, `$1'${leftOut}'`)));
}

/** What stands in a report for what it does not say. */
export const leftOut = '•••';

/** The question is one word of a shell: a quote inside it is written `'\''`. */
const asked = /(\bmigrate-tui query \S+ )'(?:[^']|'\\'')*'/g;
