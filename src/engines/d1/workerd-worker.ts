/*
 * The process around workerd. miniflare keeps its server for as long as its process lives and ends it at its exit,
 * so it does not live in ours. It must be run from a file: miniflare's own worker thread inherits how it was started.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { loadMiniflare, type Server } from './miniflare.ts';
import { rehearsalDatabase, type WorkerdAnswer, type WorkerdJob } from './workerd-job.ts';

process.once('message', (job: WorkerdJob) => {
  void perform(job)
    .catch((error: unknown): WorkerdAnswer => ({ kind: 'not-started', why: textOf(error) }))
    .then((answer) => process.send?.(answer, () => process.exit()));
});
// Nobody is left to tell; the exit ends workerd, too.
process.once('disconnect', () => process.exit());

async function perform(job: WorkerdJob): Promise<WorkerdAnswer> {
  const path = join(job.folder, rehearsalDatabase.path);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const objects = await copyOf(job.file, path);
  const miniflare = await loadMiniflare(pathToFileURL(job.miniflare).href);
  await using server = miniflare.start({
    script: application,
    persist: job.folder,
    id: rehearsalDatabase.id,
  });
  const counted = await server.ask({ kind: 'count' });
  if (counted.error !== undefined) return { kind: 'not-started', why: counted.error };
  // Another version could keep its databases under another name: then it opened an empty one.
  if (counted.objects !== objects) {
    return { kind: 'not-started', why: 'this version of miniflare did not open the copy it was given' };
  }
  return await runBatches(server, job.batches);
}

/** Takes in what stands in a WAL, and does not wait for the writer of the original. */
async function copyOf(from: string, to: string): Promise<number> {
  using source = new DatabaseSync(from, { readOnly: true, timeout: 5000 });
  await backup(source, to, { rate: 2 ** 30 });
  using copy = new DatabaseSync(to);
  return Number(copy.prepare(countObjects).get()?.['objects']);
}

async function runBatches(server: Server, batches: WorkerdJob['batches']): Promise<WorkerdAnswer> {
  const took: number[] = [];
  for (const [batch, statements] of batches.entries()) {
    const begun = performance.now();
    const { error } = await server.ask({ kind: 'batch', statements });
    if (error !== undefined) return { kind: 'failed', batch, error };
    took.push(performance.now() - begun);
  }
  return { kind: 'ran', took };
}

// Older versions add a table of their own.
const countObjects = "SELECT count(*) AS objects FROM sqlite_schema WHERE substr(name, 1, 4) <> '_cf_'";

/** What runs inside workerd. Only the outcome comes back: no row leaves it. */
const application = `export default {
  async fetch(request, { DB }) {
    const asked = await request.json();
    try {
      if (asked.kind === 'count') return Response.json(await DB.prepare(${JSON.stringify(countObjects)}).first());
      await DB.batch(asked.statements.map((sql) => DB.prepare(sql)));
      return Response.json({});
    } catch (error) {
      return Response.json({ error: String(error?.message ?? error) });
    }
  },
};`;

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
