import { MigrateError } from '../../lib/errors.ts';
import { listed } from '../../operations/ways/words.ts';
import type { Change } from '../../operations/change.ts';
import { changeCommand } from '../../operations/change-command.ts';
import type { RecoveryCase } from '../../operations/reports.ts';

type RecoverChange = Extract<Change, { kind: 'recover' }>;

/** Why a way out cannot be taken, and the command of the one that is recommended instead. */
export function notOffered(change: RecoverChange, asked: readonly RecoveryCase[]): MigrateError {
  const { environment, option } = change;
  const why = asked.flatMap(({ options }) => options).find(({ id }) => id === option)?.why;
  const because = why === undefined ? '' : `: ${why.replace(/\.$/, '')}`;
  return new MigrateError(
    'refused',
    `Nothing in ${environment} is to be recovered with ${option}${because}. Nothing was changed.`,
    { next: insteadOf(change, asked) },
  );
}

function insteadOf(change: RecoverChange, asked: readonly RecoveryCase[]): string {
  const show = `migrate-tui recover ${change.environment}`;
  if (asked.length === 0) return `${show} says what it finds.`;
  const recommended = asked.find(({ options }) => options.some((option) => option.recommended));
  if (recommended) return `Recommended is: ${commandFor(recommended, asked, change)}`;
  const open = new Set(
    asked.flatMap(({ options }) => options.flatMap((each) => (each.allowed ? [each.id] : []))),
  );
  return open.size === 0
    ? `No way out is open now; ${show} says why.`
    : `None is recommended; ${show} says what speaks for and against ${listed([...open])}.`;
}

/** The database and the migration are named where the option alone would mean several. */
function commandFor(
  { database, tag, options }: RecoveryCase,
  asked: readonly RecoveryCase[],
  change: RecoverChange,
): string {
  const option = options.find(({ recommended }) => recommended)?.id ?? '';
  const alike = asked.filter((one) => one.options.some(({ id, allowed }) => allowed && id === option));
  const isOneDatabase = alike.every((one) => one.database === database);
  const isOneTag = alike.filter((one) => one.database === database).length === 1;
  return changeCommand({
    ...change,
    option,
    database: isOneDatabase ? change.database : database,
    only: isOneTag ? change.only : tag,
  });
}
