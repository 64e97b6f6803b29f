/** What the command line tells the screen; for everything else the screen asks the command line. */
export interface ScreenOptions {
  readonly cwd: string;
  /** `--project DIR` */
  readonly project: string | undefined;
  /** `--config F` */
  readonly config: string | undefined;
  readonly ascii: 'asked' | 'as-fits';
  /** `never`: FORCE_COLOR=0 was set before this file was loaded. */
  readonly colour: 'never' | 'as-fits';
  readonly showValues: 'show' | 'hide';
}
