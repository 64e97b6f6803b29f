import type { Review } from '../operations/change.ts';
import type { Evidence } from '../operations/evidence/evidence.ts';
import { hashOf } from '../lib/hash.ts';
import { mayHaveRun } from '../operations/history/may-have-run.ts';
import { confirmationHash } from '../operations/consent/confirmation-hash.ts';
import { duration } from '../lib/numbers.ts';
import type { Finding } from '../operations/reports.ts';
import type { Environment } from '../project/project.ts';
import type { Prepared } from './prepare/prepare.ts';
import { shownAddress } from './target/shown-address.ts';

/** A way out under review: other statements than those of the file. */
export interface ReviewedWay {
  /** Its option. */
  readonly id: string;
  /** The command line that takes it, without flags of consent. */
  readonly command: string;
  /** It takes migrations back. */
  readonly goes?: 'back';
}

/** What is put before the person; its hash binds the consent to exactly this. */
export function reviewOf(
  environment: Environment,
  prepared: readonly Prepared[],
  {
    root,
    way,
    command = `migrate-tui deploy ${environment.name}`,
  }: {
    readonly root: string;
    readonly way?: ReviewedWay | undefined;
    /** The command line under review, without flags of consent; a deploy of all that is pending unless said. */
    readonly command?: string | undefined;
  },
): Review {
  const evidence = prepared.flatMap(({ run }): readonly Evidence[] => (run.evidence ? [run.evidence] : []));
  const findings = [
    ...prepared.flatMap((one) => one.findings),
    ...prepared.flatMap(slowForServer),
    ...(way ? [] : prepared.flatMap((one) => ranBefore(one, environment.name))),
  ];
  const migrations = prepared.flatMap((one) => reviewed(one, way));
  return {
    environment: environment.name,
    ...(way?.goes && { goes: way.goes }),
    protected: environment.protected,
    command: way?.command ?? command,
    migrations: migrations.map(({ database, tag, statements }) => ({ database, tag, statements })),
    evidence,
    losses: evidence.flatMap(({ database, losses }) => losses.map((loss) => ({ database, ...loss }))),
    findings,
    hash: confirmationHash({
      environment: environment.name,
      locations: prepared.map(({ run }) => shownAddress(run.target.address, root)),
      migrations,
      evidence,
      errors: findings.filter(({ severity }) => severity === 'error').map(({ rule, tag }) => ({ rule, tag })),
    }),
  };
}

/** The migrations to run; of a way out the hash is also that of its own statements. */
function reviewed(
  { run, selected }: Prepared,
  way: ReviewedWay | undefined,
): readonly (Review['migrations'][number] & { readonly hash: string })[] {
  return selected.map(({ tag, hash, statements }) => ({
    database: run.database.name,
    tag,
    hash: way ? hashOf([hash, way.id, statements.map(({ sql }) => sql)]) : hash,
    statements: statements.length,
  }));
}

function ranBefore({ run, selected }: Prepared, environment: string): readonly Finding[] {
  return run.evidence ? mayHaveRun(selected, run.evidence, environment) : [];
}

/** A server ends what takes longer than it allows; the rehearsal's time is from here, so it is a warning. */
function slowForServer({ run, selected }: Prepared): readonly Finding[] {
  const limit = serverLimitOf(run.target.address);
  if (limit === undefined) return [];
  return (run.evidence?.migrations ?? []).flatMap(({ tag, took, statements }): readonly Finding[] => {
    if (took <= limit.most) return [];
    const slowest = statements.toSorted((a, b) => b.took - a.took)[0];
    const line =
      selected.find((migration) => migration.tag === tag)?.statements[(slowest?.number ?? 1) - 1]?.line ?? 1;
    return [
      {
        rule: 'longer-than-server-allows',
        severity: 'warning',
        database: run.database.name,
        tag,
        statement: slowest?.number ?? 1,
        line,
        message: `The rehearsal took ${duration(took)}; ${limit.server} ends a write after about ${duration(limit.most)}.`,
        fix: 'Split the migration into smaller ones.',
      },
    ];
  });
}

interface ServerLimit {
  readonly server: string;
  /** Milliseconds. */
  readonly most: number;
}

function serverLimitOf({ kind }: Prepared['run']['target']['address']): ServerLimit | undefined {
  switch (kind) {
    // `TXN_TIMEOUT` of libsql-server.
    case 'libsql-remote':
      return { server: 'a libSQL server', most: 5000 };
    // https://developers.cloudflare.com/d1/platform/limits/: of one request, all its statements together.
    case 'd1-remote':
      return { server: 'D1', most: 30_000 };
    default:
      return undefined;
  }
}
