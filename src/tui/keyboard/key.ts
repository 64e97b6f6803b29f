/**
 * One key press, taken apart from whatever else came in the same read.
 *
 * Names: a printable character is its own name (`a`, `A`, `?`, `é`); `space`, `enter`, `esc`, `tab`,
 * `shift-tab`, `backspace`, `delete`, `up`, `down`, `left`, `right`, `home`, `end`, `pageup`, `pagedown`;
 * `ctrl-a` to `ctrl-z`.
 */
export interface Key {
  readonly name: string;
  /** What it would type in a text field; empty for keys that type nothing. */
  readonly text: string;
  /** When it was read, in milliseconds of a clock that only goes forward. */
  readonly at: number;
  /** Milliseconds since the key before; Infinity for the first. Keys of one read are 0 apart. */
  readonly since: number;
  /** `alone`: nothing else came in its read. A confirmation counts only such an enter. */
  readonly read: 'alone' | 'with-others';
  /** `repeat`: the same key less than 30 ms after itself, as a held key sends it. */
  readonly press: 'single' | 'repeat';
}

/** What the keyboard gives: a key, or a text pasted between the terminal's paste marks. */
export type Input =
  { readonly kind: 'key'; readonly key: Key } | { readonly kind: 'paste'; readonly text: string };
