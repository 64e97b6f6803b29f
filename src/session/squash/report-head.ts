import { portablePath } from '../../lib/portable-path.ts';
import type { MigrationFolder } from '../../migrations/migration.ts';
import { squashedFolder } from '../../migrations/squashed.ts';
import type { SquashReport } from '../../operations/squash/report.ts';
import type { Database } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';
import type { NewestSquash } from './newest-squash.ts';

/** What every report of a squash begins with, before anything is proven or asked. */
export function reportHead(
  { project: { root } }: Workspace,
  {
    database,
    folder,
    migrations,
    newest,
  }: {
    readonly database: Database;
    readonly folder: MigrationFolder;
    /** What becomes one file, or comes back in its place. */
    readonly migrations: SquashReport['migrations'];
    readonly newest: NewestSquash | undefined;
  },
): Omit<SquashReport, 'state' | 'next'> {
  return {
    schemaVersion: 1,
    kind: 'squash',
    database: database.name,
    folder: portablePath(root, folder.directory) || '.',
    archive: portablePath(root, squashedFolder(folder.directory)),
    migrations: migrations.map(({ tag, hash }) => ({ tag, hash })),
    proof: [],
    environments: [],
    changing: [],
    refusals: [],
    otherRefusals: [],
    ...(newest && { undo: { tag: newest.baseline.tag, migrations: newest.made.migrations.length } }),
  };
}
