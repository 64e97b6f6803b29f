import { environment, oneDatabase, type Command } from './command.ts';

/** What brings records, schema and rows in line. */
export const straightening: readonly Command[] = [
  {
    name: 'baseline',
    kind: 'change',
    positionals: [environment],
    flags: ['at', 'database', 'yes', 'confirm', 'accept', 'reason', 'agreed'],
    means: {
      ...oneDatabase,
      accept: 'Record although the schema differs: schema-differs:TAG; needs --reason, is recorded.',
    },
    summary: 'Records the migrations up to a tag on a database that was made without them.',
    says: [
      'The schema must be what these migrations make; no statement of them is run.',
      'Without --at it only names the place of the history that the schema is.',
    ],
    examples: [
      { line: 'migrate-tui baseline staging', says: 'Which place of the history it is.' },
      { line: 'migrate-tui baseline staging --at 0012 --yes', says: 'Write the records up to there.' },
    ],
  },
  {
    name: 'reset',
    kind: 'change',
    positionals: [environment],
    flags: ['empty', 'database', 'yes', 'confirm', 'agreed'],
    summary: 'Empties an environment and builds it anew from its migrations.',
    says: [
      'A backup first; then everything is dropped in place, under the lock, and every migration is run.',
      'The seed of the config is run at the end. With --empty it stops after emptying.',
      'A protected environment is never reset; one that is not on this machine needs --confirm.',
    ],
    examples: [
      { line: 'migrate-tui reset local --yes', says: 'Start again with what the migrations make.' },
      { line: 'migrate-tui reset local --empty --yes', says: 'Only drop everything.' },
    ],
  },
  {
    name: 'resync',
    kind: 'change',
    positionals: [environment],
    flags: ['from', 'exclude', 'mask', 'accept-unmasked', 'database', 'yes', 'confirm', 'agreed'],
    means: { from: 'The environment whose rows are copied.' },
    summary: 'Gives an environment what another one has: schema, records and rows.',
    says: [
      'A backup of ENV first; FROM is only read. Then ENV runs on top what FROM has not run yet, and is verified.',
      'Columns are masked by the rules in masks of the configuration while they are copied: what a rule takes away is written nowhere on this machine.',
      'From a protected environment a column that looks personal needs a rule, or --accept-unmasked.',
      'A protected environment is never replaced, whatever the flags. Without --yes it only says what would be done.',
    ],
    examples: [
      { line: 'migrate-tui resync local --from production', says: 'What would come over, and how.' },
      { line: 'migrate-tui resync local --from production --yes', says: 'Do it.' },
      {
        line: 'migrate-tui resync local --from staging --exclude audit_log,events --yes',
        says: 'Without the rows of two tables.',
      },
    ],
  },
  {
    name: 'squash',
    kind: 'tool',
    positionals: [],
    flags: [
      'to',
      'database',
      'leave-out',
      'accept',
      'reason',
      'print',
      'undo',
      'tidy',
      'stream',
      'yes',
      'confirm',
      'agreed',
    ],
    means: {
      ...oneDatabase,
      accept: 'Keep the rows of now where each replay gives others: replay-differs:TABLE; needs --reason.',
    },
    summary: 'Makes one migration of a history, or of its beginning, and proves that it is the same.',
    says: [
      'Writes files only, no target: the one file has the name and the time of the last, so a database that ran that never runs it.',
      'Rows, triggers, views and full-text indexes that migrations made are kept; two scratch databases prove it.',
      'Every environment is asked first: each has to be at the last or beyond. Without --yes nothing is written.',
      'The originals are kept beside the folder; with --undo they are put back while no environment was made from the one file.',
      'With --tidy ENV the records of the originals in that environment become one, after a backup; nothing needs that.',
    ],
    examples: [
      { line: 'migrate-tui squash', says: 'What it would be, with the proof.' },
      {
        line: 'migrate-tui squash --to 0010 --yes',
        says: 'The beginning of the history, up to one migration.',
      },
      { line: 'migrate-tui squash --print', says: 'The one file itself, written nowhere.' },
      { line: 'migrate-tui squash --undo --yes', says: 'Put the originals back.' },
      { line: 'migrate-tui squash --tidy staging', says: 'What tidying the records would change there.' },
    ],
  },
  {
    name: 'mark',
    kind: 'change',
    positionals: [
      environment,
      { name: 'TAG', need: 'required', says: 'The migration: its tag or a unique beginning of it.' },
      { name: 'STATE', need: 'required', says: 'applied or pending.' },
    ],
    flags: ['database', 'yes', 'confirm', 'agreed'],
    means: oneDatabase,
    summary: 'Writes or removes the record of one migration, by your word alone.',
    says: [
      'No statement of it is run, and nothing proves that the schema agrees: migrate-tui verify does afterwards.',
      'A half-finished migration is neither, and refused: migrate-tui recover leads out of it.',
    ],
    examples: [
      { line: 'migrate-tui mark staging 0013 applied --yes', says: 'It ran there by other means.' },
      { line: 'migrate-tui mark staging 0013 pending --yes', says: 'The next deploy runs it again.' },
    ],
  },
  {
    name: 'drift',
    kind: 'question',
    positionals: [
      { name: 'ENV', need: 'optional', says: 'The environment; with --all none.' },
      { name: 'OTHER', need: 'optional', says: 'Compare with this environment instead of the migrations.' },
    ],
    flags: ['database', 'against', 'format', 'all', 'check'],
    summary: 'What differs from the migrations, another environment, a file or a backup.',
    says: [
      'Compares what schemas mean: quoting, formatting and the order of clauses are no difference.',
      'Alone, an environment is compared with what its applied migrations give in an empty database.',
      '--format sql drafts a migration that would bring ENV to what it is compared with; nothing is run.',
      'Exits 0 whatever it finds; with --check it exits 3 when something differs.',
    ],
    examples: [
      { line: 'migrate-tui drift production', says: 'What was changed there without a migration.' },
      { line: 'migrate-tui drift staging production', says: 'Two environments side by side.' },
      { line: 'migrate-tui drift production --against schema.sql --check', says: 'Fail a build on drift.' },
      { line: 'migrate-tui drift --all', says: 'All environments at once.' },
    ],
  },
  {
    name: 'schema',
    kind: 'question',
    positionals: [environment],
    flags: ['database'],
    summary: 'The schema as one SQL text that can be committed and compared.',
    says: ['Equal schemas give equal texts; the text loads into an empty database.'],
    examples: [{ line: 'migrate-tui schema production', says: 'On stdout, for a file in the repository.' }],
  },
];
