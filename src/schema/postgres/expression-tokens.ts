/** The pieces of an expression that PostgreSQL wrote, white space among them: together they are the text. */
export function expressionTokens(text: string): readonly string[] {
  return text.match(token) ?? [];
}

const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[\w$\u0080-\uffff]+|\s+|[^\s]/g;
