import { tokens } from '../sql/tokens.ts';

/** Whether a file holds SQL whose last statement has no `;`: text that is put behind the file would join it. */
export function lacksFinalSemicolon(text: string): boolean {
  if (endsPlainly(text)) return false;
  let last = ';';
  for (const token of tokens(text)) {
    if (token.kind !== 'space' && token.kind !== 'comment') last = token.text;
  }
  return last !== ';';
}

/** A `;` at the end whose line holds no comment: true for nearly every file, and told without reading all of it. */
function endsPlainly(text: string): boolean {
  const end = text.trimEnd();
  if (!end.endsWith(';')) return false;
  const line = end.slice(end.lastIndexOf('\n') + 1);
  return !line.includes('--') && !line.includes("'") && end.lastIndexOf('/*') <= end.lastIndexOf('*/');
}
