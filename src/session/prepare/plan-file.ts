import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rename } from '../../lib/patient-fs.ts';
import { codeOf } from '../../lib/error-code.ts';
import { MigrateError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import { misshapen } from '../../lib/shape.ts';
import type { Evidence } from '../../operations/evidence/evidence.ts';
import type { Finding } from '../../operations/reports.ts';
import { planShape } from './plan-shape.ts';

/** A rehearsed plan on disk: what `deploy --plan` carries out. It holds hashes and counts, never rows or secrets. */
export interface PlanFile {
  readonly schemaVersion: 1;
  readonly kind: 'plan-file';
  readonly version: string;
  readonly environment: string;
  readonly rehearsedAt: string;
  /** The run that rehearsed it. */
  readonly run: number;
  readonly backup: string | undefined;
  readonly databases: readonly {
    readonly database: string;
    readonly location: string;
    readonly migrations: readonly { readonly tag: string; readonly hash: string }[];
  }[];
  readonly order: 'in-order' | 'out-of-order';
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Finding[];
  /** What `--confirm ENV@HASH` names. */
  readonly hash: string;
}

/** Writes it beside the backups, and to `out` when named. @returns its path */
export async function writePlanFile(folder: string, plan: PlanFile): Promise<string> {
  const file = join(folder, `${plan.run}-${plan.environment}.json`);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(plan, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return file;
}

/** @throws MigrateError `not-found` or `config`, naming the file and what is wrong with it */
export async function readPlanFile(file: string): Promise<PlanFile> {
  const text = await textOf(file);
  const plan: unknown = parse(text, file);
  if (isPlanFile(plan)) return plan;
  const why = misshapen(plan, planShape) ?? '';
  throw new MigrateError('config', `${file} is no rehearsed plan of this version: ${why}.`, {
    next: 'migrate-tui dry-run ENV makes one and says where.',
  });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = isMissing ? 'does not exist' : `cannot be read (${codeOf(cause) ?? String(cause)})`;
    throw new MigrateError('not-found', `The plan ${file} ${why}.`, {
      next: 'migrate-tui dry-run ENV makes one and says where.',
      cause,
    });
  }
}

function parse(text: string, file: string): unknown {
  const json = parseJson(text);
  if (json.kind === 'read') return json.value;
  throw new MigrateError('config', `The plan ${file}:${json.line} is not JSON: ${json.reason}.`, {
    next: 'migrate-tui dry-run ENV makes one and says where.',
  });
}

function isPlanFile(plan: unknown): plan is PlanFile {
  return misshapen(plan, planShape) === undefined;
}
