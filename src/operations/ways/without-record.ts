import { sayDiagnosis } from '../diagnosis-words.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption } from '../reports.ts';

/** Something of a migration is in the schema, and it has no record. */
export function withoutRecord(input: RecoveryInput): readonly RecoverableCase[] {
  return [...input.diagnosed].map(([tag, { diagnosis, evidence, attempt }]) => ({
    shown: {
      situation: diagnosis.kind,
      database: input.database,
      tag,
      verdict: sayDiagnosis(diagnosis),
      ...(diagnosis.kind === 'stopped' && { after: diagnosis.after }),
      ...('of' in diagnosis && { of: diagnosis.of }),
      ...(attempt && { attempt }),
      evidence,
      options: diagnosis.kind === 'unrecorded' ? [] : [restoring(input)],
    },
    ways: new Map(),
  }));
}

function restoring({ backup, environment }: RecoveryInput): RecoveryOption {
  return {
    id: 'restore',
    recommended: false,
    allowed: false,
    why:
      backup === undefined
        ? 'No whole backup is kept on this machine.'
        : `Loses what was written since, so it is not chosen here: migrate-tui restore ${environment} ${backup} says what that is.`,
  };
}
