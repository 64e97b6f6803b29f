/**
 * Cuts SQL the way the service is reported to do it, which is not SQLite's way: the body of a trigger begins at an
 * upper-case BEGIN before a space or a line feed, and ends at the next END, be it that of a CASE. Everything else is
 * cut at each semicolon outside quotes and comments; so such triggers reach SQLite in pieces ("incomplete input").
 */
export function splitAsService(sql: string): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  let body: 'none' | 'inside' = 'none';
  for (const { text, at } of lexemes(sql)) {
    if (text === ';' && body === 'none') {
      pieces.push(sql.slice(start, at));
      start = at + 1;
    } else if (text === 'BEGIN' && /[ \n]/.test(sql[at + 5] ?? '') && isTrigger(sql.slice(start, at))) {
      body = 'inside';
    } else if (text.toUpperCase() === 'END') {
      body = 'none';
    }
  }
  return [...pieces, sql.slice(start)].map((piece) => piece.trim()).filter((piece) => !isEmpty(piece));
}

function isTrigger(head: string): boolean {
  return /^(\s|--[^\n]*\n|\/\*.*?\*\/)*CREATE\s+(TEMP\s+|TEMPORARY\s+)?TRIGGER\b/is.test(head);
}

function isEmpty(piece: string): boolean {
  return piece.replace(/--[^\n]*(\n|$)|\/\*.*?\*\//gs, '').trim() === '';
}

/** Words and semicolons outside quotes and comments. */
function* lexemes(sql: string): Generator<{ readonly text: string; readonly at: number }> {
  const pattern = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*.*?\*\/|(?<found>\w+|;)/gs;
  for (const match of sql.matchAll(pattern)) {
    const text = match.groups?.['found'];
    if (text !== undefined) yield { text, at: match.index };
  }
}
