import { environment, oneDatabase, type Command } from './command.ts';

/** What makes and checks the files of a folder, and what hands over to drizzle-kit. */
export const writing: readonly Command[] = [
  {
    name: 'new',
    kind: 'tool',
    positionals: [{ name: 'NAME', need: 'optional', says: 'What it does, such as backfill_totals.' }],
    flags: ['from', 'rollback', 'rollback-of', 'database'],
    means: { ...oneDatabase, from: 'A file of SQL: its statements, or the file itself to be registered.' },
    summary: 'Adds a migration of your own, as drizzle-kit or wrangler would.',
    says: [
      'Writes the file with its number, and for Drizzle the journal entry and the snapshot; no database is asked.',
      'Its time is later than that of every other migration: Drizzle 0.x never runs an older one.',
      'With a name and --from it gets the statements of that file, such as a draft of drift --format sql.',
      'With --from alone a SQL file that lies in the folder, and that no journal has, is registered instead.',
      'With --rollback it gets a rollback file, and --rollback-of TAG writes that of a migration that is there: a draft that drops what its statements made, newest first, and names in a comment what they took away or did to rows.',
    ],
    examples: [
      { line: 'migrate-tui new backfill_totals', says: 'An empty file to write statements into.' },
      {
        line: 'migrate-tui new catch_up --from draft.sql',
        says: 'With the statements of a file from elsewhere.',
      },
      { line: 'migrate-tui new --from drizzle/0017_totals.sql', says: 'A file that somebody put there.' },
      { line: 'migrate-tui new --rollback-of 0017', says: 'A draft of what takes a migration back.' },
    ],
  },
  {
    name: 'generate',
    kind: 'tool',
    positionals: [{ name: 'NAME', need: 'optional', says: 'How the migration is called.' }],
    flags: ['database'],
    means: oneDatabase,
    summary: "Has the project's own drizzle-kit write the migration that the schema needs.",
    says: [
      'What it wrote is told by the files, not by its exit status; no database is asked.',
      'Schema code that cannot be loaded is an error with file and line.',
      'Where drizzle-kit cannot tell a rename from a new column it asks, on a terminal.',
    ],
    examples: [{ line: 'migrate-tui generate add_orders', says: 'A migration with that name.' }],
  },
  {
    name: 'drop',
    kind: 'tool',
    positionals: [
      { name: 'TAG', need: 'required', says: 'The newest migration: its tag or a unique beginning of it.' },
    ],
    flags: ['database', 'yes'],
    means: oneDatabase,
    summary: 'Takes the newest migration out of its folder, where no environment has run it.',
    says: [
      'Its SQL file, snapshot, journal entry and rollback and verify files; the folder of before is kept.',
      'Every environment is asked first, and one that has run it or does not answer refuses it. No database is changed: reset --empty drops what is in one.',
    ],
    examples: [{ line: 'migrate-tui drop 0014 --yes', says: 'Take back what was generated too early.' }],
  },
  {
    name: 'check',
    kind: 'question',
    positionals: [],
    flags: ['database', 'repair', 'yes'],
    summary: 'Whether the schema code is ahead of the migrations, and the folder agrees with itself.',
    says: [
      "Runs the project's own drizzle-kit on a copy: its check, and generate, to see whether it would write a migration.",
      'Two branches that made migrations beside each other are found by index, snapshot and time.',
      'No database is asked. Exits 3 when a migration is missing, the schema cannot be loaded, or the folder contradicts itself.',
      'With --repair the migrations of the branch that no environment has run are put after those of the other. Without --yes it says what it would do; the folder of before is kept.',
      'Drizzle 0.x: their numbers, times and snapshots are new, their statements stay. Drizzle 1.0: drizzle-kit writes one in their place.',
    ],
    examples: [{ line: 'migrate-tui check', says: 'Fail a build that forgot a migration.' }],
  },
  {
    name: 'lint',
    kind: 'question',
    positionals: [
      {
        name: 'FILE',
        need: 'any-number',
        says: 'Files of migrations, or folders of them; without any, all.',
      },
    ],
    flags: ['since', 'format', 'database'],
    means: {
      format: 'text, json, sarif for code scanning, or github for annotations of a workflow.',
      since: 'Only files that changed since the branch left this revision of git, committed or not.',
    },
    summary: 'What the rules find in the files of migrations, without asking any database.',
    says: [
      'Each file is looked at against the schema that the files before it leave; a table that an earlier file made may hold rows. The limits of every engine count that an environment of the configuration has; none of its variables needs to be set.',
      'Files of SQLite are also run one after the other in an empty database in memory or in a temporary folder, those of PostgreSQL are read by its own parser.',
      'Exits 3 when a finding is an error. rules in the configuration turns a rule off, or makes it graver or less grave.',
    ],
    examples: [
      { line: 'migrate-tui lint --since origin/main', says: 'What a pull request brings.' },
      { line: 'migrate-tui lint drizzle/0017_totals.sql', says: 'One file.' },
      {
        line: 'migrate-tui lint --format sarif',
        says: 'For code scanning on GitHub; docs/lint.md has the workflow.',
      },
    ],
  },
  {
    name: 'push',
    kind: 'change',
    positionals: [environment],
    flags: ['database', 'yes'],
    means: oneDatabase,
    summary: "Has the project's own drizzle-kit bring a database to the schema, without a migration.",
    says: [
      'For a database that can be made again; a protected environment is refused, and so is one that a run has locked.',
      'A backup first; then drizzle-kit alone changes the database, under the lock. What it asks it asks on the terminal.',
      'It reaches the environment that is named, whatever the Drizzle configuration reads; tables of records and locks are kept from it.',
      'What changed is read from the database, and the command that puts it on record is said.',
    ],
    examples: [{ line: 'migrate-tui push local --yes', says: 'Try the schema without a migration.' }],
  },
  {
    name: 'pull',
    kind: 'tool',
    positionals: [environment],
    flags: ['database', 'yes'],
    means: oneDatabase,
    summary: "Has the project's own drizzle-kit write schema code for what a database has.",
    says: [
      'schema.ts and relations.ts go into the migration folder; the database is only read.',
      'A file that is there becomes another text only with --yes. A first migration is made only where the folder has none.',
    ],
    examples: [{ line: 'migrate-tui pull staging', says: 'Begin with a database that is there.' }],
  },
  {
    name: 'studio',
    kind: 'tool',
    positionals: [environment],
    flags: ['database', 'port', 'confirm'],
    means: oneDatabase,
    summary: "Runs the project's own Drizzle Studio on an environment, until Ctrl-C.",
    says: [
      'It listens on this machine only. Rows can be changed in it, so a protected environment needs --confirm.',
    ],
    examples: [{ line: 'migrate-tui studio local', says: 'Look at the rows in a browser.' }],
  },
];
