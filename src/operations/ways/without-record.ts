import { sayDiagnosis } from '../diagnosis/words.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';

/** Something of a migration is in the schema and it has no record, or the other way round. */
export function withoutRecord(input: RecoveryInput): readonly RecoverableCase[] {
  return [...input.diagnosed].map(([tag, { diagnosis, evidence, attempt }]) => {
    const out = input.waysOut?.get(tag);
    return {
      shown: {
        situation: diagnosis.kind,
        database: input.database,
        tag,
        verdict: sayDiagnosis(diagnosis),
        ...(diagnosis.kind === 'stopped' && { after: diagnosis.after }),
        ...('of' in diagnosis && { of: diagnosis.of }),
        ...(attempt && { attempt }),
        evidence: [...evidence, ...(out?.evidence ?? [])],
        ...(out && { meaning: out.meaning, statements: out.statements }),
        options: out?.options ?? [],
      },
      ways: out?.ways ?? new Map(),
    };
  });
}
