import { prose } from '../../lib/markdown.ts';
import type { Incident } from './incident.ts';

/**
 * What a run or an engine said, for the report: without values that are quoted in it, as a run may have been asked to
 * show them, and with paths from the project on.
 */
export function said(text: string, { root }: Pick<Incident, 'root'>): string {
  return prose(withoutQuotedValues(text.replaceAll(`${root}/`, '')));
}

/** A quoted word that could be a name stays; an apostrophe inside a word quotes nothing. */
function withoutQuotedValues(text: string): string {
  return text.replaceAll(quoted, (found: string, quote: string) =>
    /^(["'])[A-Za-z_][\w.]*\1$/.test(found) && quote === '"' ? found : `${quote}•••${quote}`,
  );
}

const quoted = /(?<![\p{L}\p{N}])(["'])(?:(?!\1).)*\1(?![\p{L}\p{N}])/gu;
