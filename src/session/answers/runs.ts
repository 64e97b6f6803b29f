import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { existsSync } from 'node:fs';
import { MigrateError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import type { RunEvent } from '../../operations/events.ts';
import type { RunReport, RunsReport, RunSummary } from '../../operations/reports.ts';
import { eventsFile, logFile } from '../../runs/places.ts';
import { readKnowledge, summarise } from '../knowledge.ts';
import { isEvent } from './event-shape.ts';
import type { Workspace } from '../workspace.ts';

/** Every run in the ledger, newest first. */
export async function answerRuns(workspace: Workspace, environment: string | undefined): Promise<RunsReport> {
  if (environment !== undefined) workspace.environment(environment);
  const { runs, units } = await readKnowledge(workspace);
  const wanted = runs.filter((run) => environment === undefined || run.environment === environment);
  return { schemaVersion: 1, kind: 'runs', runs: wanted.map((run) => summarise(run, units)) };
}

/** One run with its events; without them where it was killed before the first, or they are on another machine. */
export async function answerRun(workspace: Workspace, run: number): Promise<RunReport> {
  const summary = await summaryOf(workspace, run);
  const events: RunEvent[] = [];
  if (existsSync(eventsFile(workspace.places, run))) {
    for await (const event of eventsOf(workspace, run, { until: 'now' })) events.push(event);
  }
  const log = logFile(workspace.places, run);
  return { schemaVersion: 1, kind: 'run', summary, events, log: existsSync(log) ? log : undefined };
}

/**
 * The events of a run from its file. With `until: 'end'` it goes on until the last event was read,
 * or until the run's process is gone without one.
 */
export async function* eventsOf(
  workspace: Workspace,
  run: number,
  { until, signal }: { readonly until: 'now' | 'end'; readonly signal?: AbortSignal },
): AsyncGenerator<RunEvent> {
  const file = eventsFile(workspace.places, run);
  if (!existsSync(file)) throw noSuchRun(run);
  let read = 0;
  for (;;) {
    // Asked before reading: what a process wrote before it ended is then read for certain.
    const mayGrow = until === 'end' && (await summaryOf(workspace, run)).outcome === 'running';
    for await (const { event, end } of eventsFrom(file, read)) {
      read = end;
      yield event;
      if (event.kind === 'done' || event.kind === 'failed') return;
    }
    if (!mayGrow) return;
    await growth(file, read, signal);
    if (signal?.aborted) return;
  }
}

async function summaryOf(workspace: Workspace, run: number): Promise<RunSummary> {
  const { runs, units } = await readKnowledge(workspace);
  const found = runs.find(({ id }) => id === run);
  if (!found) throw noSuchRun(run);
  return summarise(found, units);
}

/** Whole lines only: the last one may still be being written. */
async function* eventsFrom(file: string, start: number): AsyncGenerator<{ event: RunEvent; end: number }> {
  const { size } = await stat(file);
  if (size <= start) return;
  let end = start;
  const lines = createInterface({
    input: createReadStream(file, { start, end: size - 1 }),
    crlfDelay: Infinity,
  });
  for await (const line of lines) {
    end += Buffer.byteLength(line) + 1;
    if (end > size || line === '') return;
    const event = eventIn(line);
    if (event) yield { event, end };
  }
}

/** Undefined where something else was left there, or is not known here: what it says of the run is lost, the rest is not. */
function eventIn(line: string): RunEvent | undefined {
  const json = parseJson(line);
  return json.kind === 'read' && isEvent(json.value) ? json.value : undefined;
}

/** Waits until there is more to read, for half a second at most: then the run itself is looked at again. */
async function growth(file: string, read: number, signal: AbortSignal | undefined): Promise<void> {
  for (let looks = 0; looks < 10; looks += 1) {
    if (signal?.aborted === true || (await stat(file)).size > read) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function noSuchRun(run: number): MigrateError {
  return new MigrateError('not-found', `There is no run ${run} in this project.`, {
    next: 'migrate-tui runs lists them.',
  });
}
