import { foldName } from './cursor.ts';
import { nameOf, tokens } from './tokens.ts';

/**
 * A statement on one line without comments and without any value that is written in it.
 *
 * @param names in lower case: what may stand in double quotes as a name. SQLite takes any other word there for a text.
 */
export function withoutLiterals(sql: string, names: ReadonlySet<string>): string {
  let text = '';
  for (const token of tokens(sql)) {
    switch (token.kind) {
      case 'space':
      case 'comment':
        if (text !== '' && !text.endsWith(' ')) text += ' ';
        break;
      case 'string':
        text += `'${hidden}'`;
        break;
      case 'blob':
        text += `x'${hidden}'`;
        break;
      case 'number':
        text += hidden;
        break;
      case 'quoted-name':
        text +=
          token.text.startsWith('"') && !names.has(foldName(nameOf(token))) ? `"${hidden}"` : token.text;
        break;
      default:
        text += token.text;
    }
  }
  return text.trim();
}

const hidden = '•••';
