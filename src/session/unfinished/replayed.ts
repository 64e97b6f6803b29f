import type { Diagnosed } from '../../operations/diagnosis/diagnosis.ts';
import { diagnose, type DiagnoseInput } from '../../runs/diagnosis/diagnose.ts';
import type { BackupBeginning } from './replay-beginning.ts';

/**
 * From an empty database, and where that leaves something open from a backup. What is told from the backup counts only
 * where it is a verdict.
 */
export async function replayed(
  input: DiagnoseInput,
  doubtful: ReadonlySet<string>,
  beginning: () => Promise<BackupBeginning | undefined>,
): Promise<ReadonlyMap<string, Diagnosed>> {
  const found = await diagnose(input);
  if (![...found].some(([tag, diagnosed]) => doubtful.has(tag) && isOpen(diagnosed))) return found;
  const from = await beginning();
  if (!from) return found;
  const again = await diagnose({ ...input, from: from.beginning });
  return new Map(
    [...found].map(([tag, diagnosed]) => {
      const other = again.get(tag);
      if (!isOpen(diagnosed) || !other || isOpen(other)) return [tag, diagnosed];
      return [tag, { ...other, evidence: [from.says, ...other.evidence] }];
    }),
  );
}

function isOpen({ diagnosis: { kind } }: Diagnosed): boolean {
  return kind === 'cannot-replay' || kind === 'undecided';
}
