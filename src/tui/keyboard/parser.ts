/** A key or a paste as the bytes spell it, before anything is known about when it came. */
export type Parsed =
  | { readonly kind: 'key'; readonly name: string; readonly text: string }
  | { readonly kind: 'paste'; readonly text: string };

/**
 * Takes a terminal's bytes apart into single keys, however the bytes were cut into reads.
 *
 * Keys with alt, function keys, mouse reports and the terminal's own replies give nothing: no key of ours
 * uses them, and none of their bytes may arrive as typed text.
 */
export class KeyParser {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  #pasted: string | undefined;

  push(bytes: Uint8Array): readonly Parsed[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    return this.#drain();
  }

  /** What is still open: a lone escape may be the key, anything longer is a sequence not yet whole. */
  get pending(): 'nothing' | 'escape' | 'sequence' {
    if (this.#rest === '' || this.#pasted !== undefined) return 'nothing';
    return this.#rest === escape ? 'escape' : 'sequence';
  }

  /** No more bytes came: a lone escape was the key; a sequence that never ended is dropped. */
  flush(): readonly Parsed[] {
    const pending = this.pending;
    if (pending !== 'nothing') this.#rest = '';
    return pending === 'escape' ? [key('esc')] : [];
  }

  #drain(): readonly Parsed[] {
    const found: Parsed[] = [];
    for (;;) {
      const step = this.#pasted === undefined ? readOne(this.#rest) : this.#readPaste();
      if (step === undefined) return found;
      this.#rest = this.#rest.slice(step.length);
      if (step.what === 'paste-begin') this.#pasted = '';
      else if (step.what !== undefined) found.push(step.what);
    }
  }

  #readPaste(): Step | undefined {
    const end = this.#rest.indexOf(pasteEnd);
    if (end < 0) {
      // The end mark itself may be cut in two by a read.
      const kept = this.#rest.length - partOfPasteEnd(this.#rest);
      this.#pasted += this.#rest.slice(0, kept);
      this.#rest = this.#rest.slice(kept);
      return undefined;
    }
    const text = (this.#pasted ?? '') + this.#rest.slice(0, end);
    this.#pasted = undefined;
    return { length: end + pasteEnd.length, what: { kind: 'paste', text } };
  }
}

interface Step {
  readonly length: number;
  readonly what: Parsed | 'paste-begin' | undefined;
}

const escape = '\u001B';
const pasteEnd = `${escape}[201~`;

function partOfPasteEnd(text: string): number {
  for (let length = Math.min(pasteEnd.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(pasteEnd.slice(0, length))) return length;
  }
  return 0;
}

/** The first key of a text, or undefined while it is not whole. */
function readOne(text: string): Step | undefined {
  if (text === '') return undefined;
  if (text.startsWith(escape)) return readEscape(text);
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
  return { length: character.length, what: readCharacter(character) };
}

function readCharacter(character: string): Parsed | undefined {
  const code = character.codePointAt(0) ?? 0;
  const named = controls.get(code);
  if (named !== undefined) return key(named);
  if (code >= 1 && code <= 26) return key(`ctrl-${String.fromCodePoint(code + 96)}`);
  // Other controls and what was not UTF-8 are nobody's key.
  if (code < 32 || (code >= 127 && code < 160) || code === 0xff_fd) return undefined;
  return { kind: 'key', name: character === ' ' ? 'space' : character, text: character };
}

const controls: ReadonlyMap<number, string> = new Map([
  [8, 'backspace'],
  [9, 'tab'],
  [10, 'enter'],
  [13, 'enter'],
  [127, 'backspace'],
]);

function readEscape(text: string): Step | undefined {
  const second = text[1];
  switch (second) {
    case undefined:
      return undefined;
    case escape:
      return { length: 1, what: key('esc') };
    case '[':
      return readControlSequence(text);
    case 'O':
      return readSingleShift(text);
    case ']':
    case 'P':
    case '_':
    case '^':
    case 'X':
      return readString(text);
    default:
      // Alt and a character. Both halves of a pair go.
      return { length: 1 + String.fromCodePoint(text.codePointAt(1) ?? 0).length, what: undefined };
  }
}

/** CSI: parameters, then a final byte. A character that fits neither ends the sequence and is read again. */
function readControlSequence(text: string): Step | undefined {
  for (let index = 2; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x20 && code <= 0x3f) continue;
    if (code < 0x40 || code > 0x7e) return { length: index, what: undefined };
    const final = text.charAt(index);
    const length = index + 1 + (trailing.get(final) ?? 0);
    if (index === 2 && text.length < length) return undefined;
    return { length: index === 2 ? length : index + 1, what: named(text.slice(2, index), final) };
  }
  return undefined;
}

/** Bytes after a bare final byte: old mouse reports carry three, the Linux console's function keys one. */
const trailing: ReadonlyMap<string, number> = new Map([
  ['M', 3],
  ['[', 1],
]);

function readSingleShift(text: string): Step | undefined {
  const final = text[2];
  if (final === undefined) return undefined;
  if (final < '@' || final > '~') return { length: 2, what: undefined };
  return { length: 3, what: final === 'M' ? key('enter') : named('', final) };
}

/** A reply of the terminal: to BEL or ESC \, whatever it holds. */
function readString(text: string): Step | undefined {
  const bell = text.indexOf('\u0007', 2);
  const end = text.indexOf(`${escape}\\`, 2);
  if (bell >= 0 && (end < 0 || bell < end)) return { length: bell + 1, what: undefined };
  return end < 0 ? undefined : { length: end + 2, what: undefined };
}

function named(parameters: string, final: string): Parsed | 'paste-begin' | undefined {
  const [first = '', modifier = '1'] = parameters.split(';');
  if (final === '~' && first === '200') return 'paste-begin';
  // 1 is no modifier and 2 is shift; with alt or ctrl an arrow means nothing here.
  if (modifier !== '1' && modifier !== '2') return undefined;
  const name = final === '~' ? tildes.get(first) : finals.get(final);
  return name === undefined ? undefined : key(name);
}

const finals: ReadonlyMap<string, string> = new Map([
  ['A', 'up'],
  ['B', 'down'],
  ['C', 'right'],
  ['D', 'left'],
  ['H', 'home'],
  ['F', 'end'],
  ['Z', 'shift-tab'],
]);

const tildes: ReadonlyMap<string, string> = new Map([
  ['1', 'home'],
  ['3', 'delete'],
  ['4', 'end'],
  ['5', 'pageup'],
  ['6', 'pagedown'],
  ['7', 'home'],
  ['8', 'end'],
]);

function key(name: string): Parsed {
  return { kind: 'key', name, text: '' };
}
