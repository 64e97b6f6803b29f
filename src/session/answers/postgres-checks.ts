import type { PostgresAddress } from '../../engines/address.ts';
import { SqlError } from '../../engines/engine.ts';
import { openEngine } from '../../engines/open.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { DoctorReport } from '../../operations/reports.ts';
import { shownServer } from '../../project/addresses/postgres-url.ts';
import type { Environment, Project, Target } from '../../project/project.ts';
import type { Row } from '../../sql/statement.ts';

type Check = DoctorReport['checks'][number];

/**
 * Which PostgreSQL each server is, and whether rehearsals may make their scratch databases there. What cannot be reached
 * is told by the check of its target.
 */
export async function postgresChecks({ environments }: Project): Promise<readonly Check[]> {
  const asked = environments.flatMap((environment) =>
    environment.targets.flatMap((target) =>
      target.address.kind === 'postgres' ? checksOf(environment, target, target.address) : [],
    ),
  );
  return (await Promise.all(asked)).flat();
}

async function checksOf(
  environment: Environment,
  { database }: Target,
  address: PostgresAddress,
): Promise<readonly Check[]> {
  const { name, targets, rehearse } = environment;
  const whose = targets.length > 1 ? `${name}, ${database}` : name;
  const own = await factsOf(address, environment);
  if (own.kind === 'unreachable') return [];
  const server: Check = { check: `server of ${whose}`, state: 'ok', says: `PostgreSQL ${own.version}` };
  if (rehearse !== 'full') return [server];
  if (address.scratch === undefined) return [server, ...mayMake(own, { whose, where: 'there' })];
  const other: PostgresAddress = { kind: 'postgres', ...address.scratch };
  const facts = await factsOf(other, environment);
  const where = `at ${shownServer(other)}`;
  return [
    server,
    ...(facts.kind === 'unreachable'
      ? [{ check: `scratch of ${whose}`, state: 'problem' as const, ...facts.why }]
      : mayMake(facts, { whose, where })),
  ];
}

function mayMake(
  { makes }: { readonly makes: boolean },
  { whose, where }: { readonly whose: string; readonly where: string },
): readonly Check[] {
  const check = `scratch of ${whose}`;
  if (makes) return [{ check, state: 'ok', says: `rehearsals may make their scratch databases ${where}` }];
  return [
    {
      check,
      state: 'problem',
      says: `this user may make no database ${where}, and a rehearsal needs one`,
      next: "Name another server with scratch in the target, give the user the right (ALTER ROLE … CREATEDB), or set rehearse: 'structure'.",
    },
  ];
}

type Facts =
  | { readonly kind: 'facts'; readonly version: string; readonly makes: boolean }
  | { readonly kind: 'unreachable'; readonly why: Pick<Check, 'says' | 'next'> };

async function factsOf(address: PostgresAddress, { timeouts }: Environment): Promise<Facts> {
  try {
    const opened = await openEngine(address, { purpose: 'question', timeouts });
    if (opened.kind !== 'open') throw new Error('A server is there, or it is not reached.');
    await using engine = opened.engine;
    return factsIn(await engine.query({ sql: question }));
  } catch (error) {
    if (error instanceof SqlError) return { kind: 'unreachable', why: { says: error.message } };
    if (!(error instanceof MigrateError)) throw error;
    const { message, next } = error;
    return { kind: 'unreachable', why: { says: message, ...(next === undefined ? {} : { next }) } };
  }
}

const question = `SELECT pg_catalog.current_setting('server_version') AS version,
  (SELECT (rolcreatedb OR rolsuper)::int FROM pg_catalog.pg_roles WHERE rolname = current_user) AS makes`;

function factsIn([row]: readonly Row[]): Facts {
  return { kind: 'facts', version: String(row?.['version']), makes: row?.['makes'] === 1 };
}
