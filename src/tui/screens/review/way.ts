import type { PlanReport, StatusEnvironment } from '../../../operations/reports.ts';
import type { RunView } from '../../present/run-view.ts';
import type { ChosenWay } from '../../screen.ts';

/** The review of a way out is that of a deploy whose plan is the way alone. */
export interface WayPlanInput {
  readonly environment: string;
  readonly way: ChosenWay;
  /** What the command line says of the environment; undefined where it could not say it. */
  readonly asked: PlanReport | undefined;
  /** What its status said; undefined where nothing is known. */
  readonly status: StatusEnvironment | undefined;
}

/** The plan of a way, before its rehearsal. What is not known of the environment is taken as the careful would. */
export function planOfWay({ environment, way, asked, status }: WayPlanInput): PlanReport {
  const { database, tag } = way.found;
  const target = status?.targets.find((one) => one.database === database);
  const isProtected = asked?.protected ?? status?.protected ?? true;
  const rehearse = asked?.rehearse ?? 'full';
  const engine = target?.engine ?? '';
  const statements = way.option.statements?.length ?? 0;
  const migrations = way.back
    ? way.back.tags.map((each) => ({ tag: each, statements: 0 }))
    : [{ tag, statements }];
  return {
    schemaVersion: 1,
    kind: 'plan',
    environment,
    protected: isProtected,
    rehearse,
    databases: [
      {
        database,
        engine,
        location: target?.location ?? '',
        exists: true,
        size: undefined,
        migrations: migrations.map((one) => ({ ...one, hash: '', foreignKeys: 'on', elsewhere: [] })),
        waiting: [],
      },
    ],
    findings: [],
    refusals: [],
    warnings: [],
    ...(isProtected &&
      engine.endsWith('-remote') &&
      rehearse === 'full' &&
      rehearses(way) && { copiesRows: copied(environment, database) }),
  };
}

function copied(environment: string, database: string): NonNullable<PlanReport['copiesRows']> {
  const says = `The rehearsal copies the rows of ${database} in ${environment} to this machine. The copies stay in a folder of their own and are removed with its backups.`;
  return { first: true, tables: 0, says };
}

/** The same plan with what its rehearsal showed. */
export function withRehearsal(report: PlanReport, view: RunView): PlanReport {
  const { evidence, hash, rehearsedAt, ...plan } = report;
  void [evidence, hash, rehearsedAt];
  if (!view.rehearsed) return { ...plan, findings: [] };
  const { findings, at } = view.rehearsed;
  return {
    ...plan,
    findings,
    evidence: view.evidence,
    hash: view.rehearsed.hash,
    rehearsedAt: at,
  };
}

/** Whether the way runs statements: then they are run on a copy first. The others only put records right, or restore. */
export function rehearses({ option }: ChosenWay): boolean {
  return option.statements !== undefined || running.has(option.id);
}

const running: ReadonlySet<string> = new Set([
  'start-over',
  'resume',
  'back-out',
  'undo',
  'run-skipped',
  'rollback',
]);

/** Whether it takes away by itself what nothing on this page can count. */
export function overwrites({ option }: ChosenWay): boolean {
  return option.id === 'restore';
}

/** What nobody can prove and a person has to answer for in words: that the data of a migration is as it should be. */
export function isUnproven({ option, found }: ChosenWay): boolean {
  return option.id === 'record' && found.situation !== 'unrecorded';
}
