import { sentences } from '../../lib/sentences.ts';
import type { StatusOpening, StatusReport } from '../../operations/reports.ts';
import type { MigrateErrorView } from '../client/error.ts';
import { asStatusLine } from '../client/documents.ts';
import type { Context, Message, RememberedView, ScreenRequest } from '../screen.ts';
import { firstScreen } from './first-screen.ts';
import type { Questions } from './questions.ts';
import { answered, asking, withOpening, withStatus } from './status.ts';

/** What the statuses need of the app around them. */
export interface Around {
  readonly questions: Questions;
  /** As of now. */
  readonly context: () => Context;
  readonly setContext: (context: Context) => void;
  /** To every screen on the stack. */
  readonly tell: (message: Message) => void;
  readonly open: (request: ScreenRequest) => void;
  /** Environments have told their state. */
  readonly answered: (report: StatusReport) => void;
  readonly complain: (text: string) => void;
  /** Draws what has changed. */
  readonly show: () => void;
  readonly viewLeft: (root: string) => RememberedView | undefined;
}

/** Asks the environments, keeps what they answer in the context, and knows what the screen begins with. */
export class Statuses {
  readonly #around: Around;
  #began: 'not-yet' | 'began' = 'not-yet';
  /** Whether somebody looked at this project before. */
  #looked: 'before' | 'never' = 'never';

  constructor(around: Around) {
    this.#around = around;
  }

  /** These environments, or all of them; what is being asked already is not asked twice. */
  ask(environments: readonly string[] | undefined): void {
    const { questions, context, setContext, show } = this.#around;
    const name = `status:${environments?.join(' ') ?? ''}`;
    if (questions.has(name)) return;
    setContext(asking(context(), environments, context().now));
    questions.read(name, ['status', ...(environments ?? []), '--stream'], {
      onLine: (document) => this.#line(document, environments === undefined ? 'all' : 'some'),
      onEnd: ({ error }) => {
        setContext(answered(context(), environments));
        if (error) this.#failed(error);
        show();
      },
    });
  }

  #line(document: unknown, of: 'all' | 'some'): void {
    const line = asStatusLine(document);
    if (line === undefined) return;
    const { context, setContext, tell, show } = this.#around;
    const before = context();
    if (line.kind === 'status') setContext(withStatus(before, line, before.now));
    else if (of === 'all') this.#opens(line);
    tell({ kind: 'status', id: 'status', line });
    if (line.kind === 'status') this.#around.answered(line);
    this.#begin();
    show();
  }

  /** Every name is known. The first time, the view is put where it was left the last time. */
  #opens(opening: StatusOpening): void {
    const { context, setContext, tell, viewLeft } = this.#around;
    const before = context();
    const view = this.#began === 'not-yet' ? viewLeft(opening.root) : undefined;
    const database = before.database ?? view?.database;
    setContext(withOpening({ ...before, database }, opening, before.now));
    if (view === undefined) return;
    this.#looked = 'before';
    tell({ kind: 'remembered', view });
  }

  #failed(error: MigrateErrorView): void {
    const { context, setContext, complain } = this.#around;
    if (context().opening !== undefined) return complain(sentences(error));
    setContext({ ...context(), failure: error });
    this.#begin();
  }

  /** Once, when it is known what there is: an unfinished run, or a first start, comes before the environments. */
  #begin(): void {
    const { opening, failure } = this.#around.context();
    if (this.#began === 'began' || (opening === undefined && failure === undefined)) return;
    this.#began = 'began';
    const request = firstScreen(opening, this.#looked);
    if (request) this.#around.open(request);
  }
}
