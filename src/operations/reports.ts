import type { BackupsReport } from './reports/backups.ts';
import type { CheckReport } from './reports/check.ts';
import type { DoctorReport } from './reports/doctor.ts';
import type { DriftReport, DriftTableReport } from './reports/drift.ts';
import type { IncidentReport } from './reports/incident.ts';
import type { LintReport } from './reports/lint.ts';
import type { MigrationReport } from './reports/migration.ts';
import type { PlanReport } from './reports/plan.ts';
import type { QueryReport } from './reports/query.ts';
import type { RecoveryReport } from './reports/recovery.ts';
import type { RunReport, RunsReport } from './reports/runs.ts';
import type { SchemaReport } from './reports/schema.ts';
import type { StatusOpening, StatusReport } from './reports/status.ts';
import type { VerifyReport } from './reports/verify.ts';
import type { SquashProofReport, SquashReport } from './squash/report.ts';

export type * from './reports/backups.ts';
export type * from './reports/check.ts';
export type * from './reports/doctor.ts';
export type * from './reports/drift.ts';
export type * from './reports/incident.ts';
export type * from './reports/lint.ts';
export type * from './reports/migration.ts';
export type * from './reports/plan.ts';
export type * from './reports/query.ts';
export type * from './reports/recovery.ts';
export type * from './reports/runs.ts';
export type * from './reports/schema.ts';
export type * from './reports/status.ts';
export type * from './reports/verify.ts';

/** What any answer may say besides. */
export interface Noticed {
  /** What it could not take into account, such as a record of runs that cannot be read. */
  readonly notices?: readonly string[];
}

/** Answers to questions: one JSON document each, `schemaVersion` 1. Consumers ignore unknown fields. */
export type Report =
  | StatusReport
  | StatusOpening
  | PlanReport
  | MigrationReport
  | BackupsReport
  | VerifyReport
  | RunsReport
  | RunReport
  | QueryReport
  | DoctorReport
  | RecoveryReport
  | IncidentReport
  | DriftReport
  | DriftTableReport
  | SchemaReport
  | CheckReport
  | LintReport
  | SquashReport
  | SquashProofReport;
