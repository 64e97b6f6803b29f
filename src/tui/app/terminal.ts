/** What the app does to the terminal besides drawing on it. */
export interface Terminal {
  /** Cells now. */
  size(): { readonly columns: number; readonly rows: number };
  /** Puts a text on the person's clipboard, through the terminal. */
  copy(text: string): void;
  /** Stops this program as ctrl-z does, until the shell continues it. */
  suspend(): Promise<void>;
  /** Lends the terminal to the person's editor. Gives why it could not be opened, if so. */
  edit(file: string, line: number): Promise<string | undefined>;
}
