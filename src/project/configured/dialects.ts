import { MigrateError } from '../../lib/errors.ts';
import { folderDialect } from '../../migrations/folder-dialect.ts';
import { dialectNames, type Dialect } from '../../sql/statement.ts';
import { drizzleSchema, numberedSchema } from '../defaults.ts';
import { dialectAt, dialectNamed, speaksOther } from '../dialect.ts';
import type { ParsedConfig, ParsedTarget } from '../config/parse.ts';
import type { Database, Environment, Target } from '../project.ts';
import { isReference } from '../evaluation/references.ts';
import { bad, type Place } from '../config/shape.ts';
import type { Surroundings } from './surroundings.ts';

interface Parts {
  readonly databases: readonly Database[];
  readonly environments: readonly Environment[];
}

/**
 * Tells each database what it speaks: what wrangler's or Drizzle's configuration of its folder says, else its targets,
 * else its folder. Throws `config` for a target in the file that speaks another; one that a variable names is
 * `unavailable` then.
 */
export function withDialects(config: ParsedConfig, parts: Parts, around: Surroundings): Parts {
  const databases = parts.databases.map((database) => {
    const dialect = dialectOf(database, config, parts.environments, around);
    return { ...database, dialect, ...tableSchemaOf(database, dialect, config, around) };
  });
  const environments = parts.environments.map((environment) => ({
    ...environment,
    targets: environment.targets.map((target) => held(target, databases, config, around)),
  }));
  return { databases, environments };
}

function dialectOf(
  { name, directory, bookkeeping }: Database,
  config: ParsedConfig,
  environments: readonly Environment[],
  around: Surroundings,
): Dialect {
  if (bookkeeping === 'd1') return 'sqlite';
  const targets = environments.flatMap(({ targets }) => targets.filter(({ database }) => database === name));
  // What stands in the file says more than a variable, which is another one on each machine.
  const written = targets.filter((target) => isWritten(given(target, config)));
  const reached = [...written, ...targets].map(({ address }) => dialectAt(address));
  return (
    lentDialect(directory, around) ??
    reached.find((dialect) => dialect !== undefined) ??
    folderDialect(directory) ??
    'sqlite'
  );
}

function lentDialect(directory: string, { readings }: Surroundings): Dialect | undefined {
  return readings
    .map((reading) =>
      reading.kind === 'read' && reading.config.directory === directory
        ? dialectNamed(reading.config.dialect)
        : undefined,
    )
    .find((dialect) => dialect !== undefined);
}

function tableSchemaOf(
  { name, directory, tableSchema, bookkeeping }: Database,
  dialect: Dialect,
  config: ParsedConfig,
  around: Surroundings,
): Pick<Database, 'tableSchema'> {
  const said = config.databases?.get(name)?.tableSchema;
  const at = { file: around.file, key: `databases.${name}.tableSchema` };
  if (dialect === 'postgres') {
    const usual = () => (bookkeeping === 'numbered' ? numberedSchema : lentSchema(directory, at, around));
    return { tableSchema: said ?? tableSchema ?? usual() };
  }
  if (said === undefined) return {};
  const { file } = at;
  throw bad(
    at,
    `names a schema, which only PostgreSQL has, and ${name} is ${dialectNames[dialect]}`,
    `Remove it in ${file}.`,
  );
}

/** As with the table itself, it is never guessed past a configuration that cannot be read. */
function lentSchema(directory: string, at: Place, { readings }: Surroundings): string {
  const lenders = readings.flatMap((reading) =>
    reading.kind === 'read' && reading.config.directory === directory ? [reading.config] : [],
  );
  const failed = readings.find((reading) => reading.kind === 'failed');
  if (lenders.length > 0 || failed === undefined) return lenders[0]?.tableSchema ?? drizzleSchema;
  throw new MigrateError(
    'config',
    `${failed.error.message} So the schema of the tracking table is not known.`,
    { next: `Correct it, or say ${at.key}: '${drizzleSchema}' in ${at.file}.`, cause: failed.error },
  );
}

/** The target, unless it speaks another SQL than its database. */
function held(
  target: Target,
  databases: readonly Database[],
  config: ParsedConfig,
  { file }: Surroundings,
): Target {
  const { environment, database: name, address } = target;
  const database = databases.find((one) => one.name === name);
  const why = database === undefined ? undefined : speaksOther(address, database);
  if (why === undefined) return target;
  const at = { file, key: `environments.${environment}.targets.${name}` };
  if (isWritten(given(target, config))) {
    throw bad(
      at,
      why,
      `Give each database targets of one kind in ${file}: one for PostgreSQL and one for SQLite are two databases.`,
    );
  }
  return { ...target, address: { kind: 'unavailable', shown: 'another database', why: `${at.key} ${why}.` } };
}

function given({ environment, database }: Target, config: ParsedConfig): ParsedTarget | undefined {
  return config.environments?.get(environment)?.targets?.get(database);
}

/** Whether the file itself says what is there, and no variable does. */
function isWritten(target: ParsedTarget | undefined): boolean {
  return target !== undefined && !(target.kind === 'url' && isReference(target.url));
}
