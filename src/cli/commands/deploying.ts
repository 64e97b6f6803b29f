import { consent, environment, oneDatabase, selection, type Command } from './command.ts';

/** What a migration goes through: looked at, tried out, applied, verified. */
export const deploying: readonly Command[] = [
  {
    name: 'status',
    kind: 'question',
    positionals: [
      { name: 'ENV', need: 'any-number', says: 'The environments to ask; all of them when none is named.' },
    ],
    flags: ['database', 'drift', 'check', 'stream'],
    summary: 'What each environment has applied, and what is pending or wrong.',
    says: [
      'Compares migration files with the records in each database and writes nothing.',
      'An environment that does not answer is shown as unreachable and holds up no other.',
      'With --drift each schema is compared with its applied migrations too, run in an empty database of the same engine.',
      'Exits 0 whatever it finds; with --check it exits 3 unless every target is current.',
    ],
    examples: [
      { line: 'migrate-tui status', says: 'All environments.' },
      {
        line: 'migrate-tui status --drift --check',
        says: 'Fail a build while anything is behind or drifted.',
      },
      { line: 'migrate-tui status production --check', says: 'Fail a build while production is behind.' },
    ],
  },
  {
    name: 'plan',
    kind: 'question',
    positionals: [environment],
    flags: [...selection, 'plan', 'out'],
    summary: 'What a deploy would run, with findings and what would refuse it.',
    says: [
      'Decided from files and records alone; the database is only read.',
      'With --plan FILE it shows the plan and the evidence that a dry-run wrote.',
    ],
    examples: [
      { line: 'migrate-tui plan staging', says: 'Everything pending.' },
      { line: 'migrate-tui plan staging --to 0014', says: 'Up to and including one migration.' },
    ],
  },
  {
    name: 'migration',
    kind: 'question',
    positionals: [{ name: 'TAG', need: 'required', says: 'Its tag, or a unique beginning of it.' }],
    flags: ['database', 'keep-children', 'write'],
    means: oneDatabase,
    summary: 'One migration: statements, findings, and where it is applied since when.',
    says: [
      'Also names the rollback and verify files that belong to it.',
      'With --keep-children ENV it prints the whole file as D1 needs it where a rebuilt table is referred to: rows are copied aside and put back. ENV is only read.',
      'With --write that is put in the place of the file, unless an environment has run it or cannot be asked.',
    ],
    examples: [
      { line: 'migrate-tui migration 0014', says: 'The migration whose tag begins with 0014.' },
      {
        line: 'migrate-tui migration 0014 --keep-children production --write',
        says: 'Rewrite it for the tables that production has, before it runs anywhere.',
      },
    ],
  },
  {
    name: 'deploy',
    kind: 'change',
    positionals: [environment],
    flags: [...selection, 'through', 'plan', ...consent, 'without'],
    summary: 'Backup, dry-run on the backup, consent, apply, verify.',
    says: [
      'The pending migrations are rehearsed on a restored backup; consent is asked for what that showed.',
      'Rows that vanish without a statement that asks for it stop the deploy, also with --yes.',
      'Without a terminal nothing is asked: --yes is the consent, and a protected environment also needs --confirm.',
      'With --plan FILE the rehearsal of an earlier dry-run is taken, as long as nothing moved since.',
    ],
    examples: [
      { line: 'migrate-tui deploy staging --yes', says: 'All that is pending, without questions.' },
      {
        line: 'migrate-tui deploy production --yes --confirm production',
        says: 'A protected environment, when its evidence is clean.',
      },
      { line: 'migrate-tui deploy production --through', says: 'Everything before production first.' },
    ],
  },
  {
    name: 'dry-run',
    kind: 'change',
    positionals: [environment],
    flags: [...selection, 'out', 'yes'],
    summary: 'Backup, then the pending migrations on the restored backup; the target is only read.',
    says: [
      'The first time that rows of a protected environment are copied to this machine a terminal asks, unless --yes is given.',
      'Prints the evidence, the plan file for deploy --plan and the hash for --confirm ENV@HASH.',
      'Writes a backup and the plan; nothing in the target.',
    ],
    examples: [{ line: 'migrate-tui dry-run production', says: 'What would happen to the real rows.' }],
  },
  {
    name: 'apply',
    kind: 'change',
    positionals: [environment],
    flags: [...selection, ...consent],
    summary: 'The pending migrations alone, without backup and rehearsal; not on a protected environment.',
    says: ['For databases that can be made again. Each migration and its record are still one unit.'],
    examples: [{ line: 'migrate-tui apply local --yes', says: 'Bring a local database up to date.' }],
  },
  {
    name: 'verify',
    kind: 'question',
    positionals: [environment],
    flags: ['database'],
    summary: 'Whether a target is what its migrations say.',
    says: [
      'Checks history, schema, foreign keys, integrity, the verify files and the invariants of the config.',
      'Exits 3 when something differs.',
    ],
    examples: [{ line: 'migrate-tui verify production', says: 'Prove it again, later.' }],
  },
];
