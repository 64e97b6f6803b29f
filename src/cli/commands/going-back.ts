import { consent, environment, oneDatabase, type Command } from './command.ts';

/** What leads back, or out of what was left behind. */
export const goingBack: readonly Command[] = [
  {
    name: 'backup',
    kind: 'change',
    positionals: [environment],
    flags: ['database', 'tables', 'archive'],
    summary: 'Take a backup of an environment and read it back.',
    says: [
      'Needs no consent: the target is only read.',
      'With --tables it is partial: it can be put back table by table, never whole, and no dry-run uses it.',
      'With --archive D1 also exports its databases: a file of SQL that outlives the history that Cloudflare keeps, proven by loading it. Nobody else can use the databases while they are exported.',
    ],
    examples: [
      { line: 'migrate-tui backup production', says: 'All databases of production, as one set.' },
      { line: 'migrate-tui backup production --archive', says: 'Of D1, a file to keep as well.' },
    ],
  },
  {
    name: 'backups',
    kind: 'question',
    positionals: [{ name: 'ENV', need: 'optional', says: 'Only those of this environment.' }],
    flags: ['database'],
    summary: 'The backups that are kept, and how well each is proven.',
    says: [],
    examples: [{ line: 'migrate-tui backups production', says: 'What can be restored.' }],
  },
  {
    name: 'restore',
    kind: 'change',
    positionals: [environment, { name: 'ID', need: 'required', says: 'The backup, such as b41.' }],
    flags: ['database', 'tables', 'yes', 'confirm', 'reason', 'agreed'],
    means: oneDatabase,
    summary: 'Put a backup back; takes a backup of the present state first.',
    says: [
      'Rows written since the backup are lost; the backup taken first holds them.',
      'Needs --database when the environment has more than one.',
      'With --tables only the rows of those tables are put back, in one transaction; the tables must be as they were.',
    ],
    examples: [
      { line: 'migrate-tui restore staging b41 --yes', says: 'Without questions.' },
      {
        line: 'migrate-tui restore staging b41 --tables orders,order_items --yes',
        says: 'The rows of two tables; the others stay as they are.',
      },
    ],
  },
  {
    name: 'decrypt',
    kind: 'tool',
    positionals: [
      environment,
      { name: 'ID', need: 'required', says: 'The backup, such as b41.' },
      { name: 'FOLDER', need: 'required', says: 'Where its files are written: empty, or not there yet.' },
    ],
    flags: ['database'],
    summary: 'Write the files of an encrypted backup in the clear, for other programs.',
    says: [
      'No restore needs it: what reads a backup decrypts it by itself.',
      'For looking something up in a copy, for an archive of D1, or for a new database of a file.',
      'The key is the one that backups.key names.',
    ],
    examples: [
      { line: 'migrate-tui decrypt production b41 ./b41', says: 'Each database as a file in ./b41.' },
    ],
  },
  {
    name: 'rollback',
    kind: 'change',
    positionals: [environment],
    flags: ['database', 'to', 'plan', ...consent],
    means: {
      to: 'What stays applied: a tag, or a number for every database; nothing for none at all.',
      plan: 'What this rollback was rehearsed as: the file that it named.',
    },
    summary: 'Take back the migrations after one, newest first, by their rollback files.',
    says: [
      'Needs a rollback file for each: TAG.rollback.sql beside it. Where one has none, nothing is changed.',
      'Goes the way of a deploy: backup, dry-run on it, consent, one transaction for each migration and its record, verify.',
      'The schema afterwards has to be what the files up to there make; what a rollback file leaves or takes too much is a finding of severity error.',
      'Without consent it stops after the dry-run and prints what it showed with the command; with --plan FILE that is not rehearsed a second time, as long as nothing moved since.',
      'Of several databases the last one goes first. No hook of the project is run.',
    ],
    examples: [
      {
        line: 'migrate-tui rollback staging --to 0012',
        says: 'What taking back everything after 0012 would do; asks for consent.',
      },
      { line: 'migrate-tui rollback local --to nothing --yes', says: 'Back to before the first migration.' },
      {
        line: 'migrate-tui rollback production --to 0012 --yes --confirm production@HASH',
        says: 'With the hash that the dry-run printed, where it found something.',
      },
    ],
  },
  {
    name: 'recover',
    kind: 'change',
    positionals: [environment],
    flags: [
      'database',
      'choose',
      'only',
      'plan',
      'yes',
      'confirm',
      'accept',
      'accept-loss',
      'reason',
      'agreed',
      'report',
      'out',
    ],
    means: {
      only: 'The case of this migration alone.',
      plan: 'What this way out was rehearsed as: the file that it named.',
      out: 'Write the report to FILE as well.',
    },
    summary: 'What is unfinished or contradicts itself in an environment, and the ways out.',
    says: [
      'Without --choose it only reads, needs no record of runs, and exits 3 when it finds a case.',
      'With --choose it carries one way out through: a backup first, then one transaction under the lock.',
      'What it rehearsed without consent is in the file that it names: with --plan FILE it is not rehearsed a second time, as long as nothing moved since.',
    ],
    examples: [
      { line: 'migrate-tui recover production', says: 'What is wrong, with the evidence.' },
      {
        line: 'migrate-tui recover production --choose re-key --yes',
        says: 'Give the records the names that drizzle-kit up gave the files.',
      },
    ],
  },
];
