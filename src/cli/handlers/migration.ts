import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MigrateError, type ExitCode } from '../../lib/errors.ts';
import { safe } from '../../lib/safe-text.ts';
import type { MigrationReport } from '../../operations/reports.ts';
import { readDatabase } from '../consent.ts';
import type { Handler, Invocation } from '../invocation.ts';
import type { Output } from '../output/output.ts';
import { keepsText, migrationText, notRewrittenText, writtenText } from '../text/migration.ts';
import { inSession, question } from './question.ts';

/** Shows a migration, or with `--keep-children` prints it rewritten, or with `--write`, too, puts that in its place. */
export const handle: Handler = (invocation) => {
  const { given } = invocation;
  const environment = given.value('keep-children');
  if (environment !== undefined) return rewrite(invocation, environment);
  if (!given.has('write')) return show(invocation);
  throw new MigrateError('usage', '--write does not say what is to be written.', {
    next: `migrate-tui migration ${given.required(0)} --keep-children ENV --write`,
  });
};

const show = question({
  report: 'migration',
  question: ({ given }) => ({ kind: 'migration', tag: given.required(0), database: readDatabase(given) }),
  text: migrationText,
});

async function rewrite(invocation: Invocation, environment: string): Promise<ExitCode> {
  const { given, output } = invocation;
  const { report, file } = await inSession(invocation, async (session, signal) => {
    const tag = given.required(0);
    const asked = {
      kind: 'migration',
      tag,
      database: readDatabase(given),
      keepChildren: environment,
    } as const;
    const answer = await session.ask(asked, { signal });
    if (answer.kind !== 'migration') throw new Error(`A ${answer.kind} answered a migration.`);
    const report = given.has('write') ? await session.replaceFile(answer) : answer;
    return { report: output.shownHere(report), file: resolve(session.project.root, report.file) };
  });
  output.document(report);
  if (output.format === 'text') await tell(report, file, invocation);
  return report.notRewritten?.reason === 'not-possible' ? 4 : 0;
}

/** What is to be in the file goes to stdout alone, so that it can be sent anywhere; what is said of it, to stderr. */
async function tell(report: MigrationReport, file: string, { output, given }: Invocation): Promise<void> {
  const { rewritten, notRewritten } = report;
  if (rewritten?.written) {
    output.answer(writtenText(report, rewritten, output.style));
  } else if (rewritten) {
    asFile(rewritten.text, output);
    output.say(keepsText(report, rewritten, output.sideStyle));
  } else if (notRewritten) {
    output.say(notRewrittenText(report, notRewritten));
    // Whoever sends the output to a file gets one that is right for the environment.
    if (notRewritten.reason === 'not-needed' && !given.has('write'))
      asFile(await readFile(file, 'utf8'), output);
  }
}

/** Byte for byte, unless somebody looks at it on a terminal. */
function asFile(text: string, output: Output): void {
  const isTerminal = output.style.width !== undefined;
  output.raw(isTerminal ? safe(text, { lines: 'many' }) : text);
}
