import type { FlagName } from './flags.ts';

/** A row of the table from which parsing, help, completion and `docs/commands.md` are made. */
export interface Command {
  readonly name: CommandName;
  /** `question`: reads only. `change`: may write to a target. `tool`: about this program or the project's files. */
  readonly kind: 'question' | 'change' | 'tool';
  readonly positionals: readonly Positional[];
  /** Its own; those that every command takes are in `everywhere`. */
  readonly flags: readonly FlagName[];
  readonly summary: string;
  /** Whole sentences for its own help page. */
  readonly says: readonly string[];
  readonly examples: readonly Example[];
}

export interface Positional {
  readonly name: string;
  readonly need: 'required' | 'optional' | 'any-number';
  readonly says: string;
}

export interface Example {
  readonly line: string;
  readonly says: string;
}

export type CommandName =
  | 'init'
  | 'demo'
  | 'status'
  | 'plan'
  | 'migration'
  | 'deploy'
  | 'dry-run'
  | 'apply'
  | 'verify'
  | 'backup'
  | 'backups'
  | 'restore'
  | 'recover'
  | 'new'
  | 'generate'
  | 'drop'
  | 'check'
  | 'push'
  | 'resync'
  | 'pull'
  | 'studio'
  | 'mark'
  | 'baseline'
  | 'reset'
  | 'squash'
  | 'drift'
  | 'schema'
  | 'runs'
  | 'show'
  | 'query'
  | 'doctor'
  | 'completion';

const selection: readonly FlagName[] = ['database', 'to', 'only', 'out-of-order'];
const consent: readonly FlagName[] = ['yes', 'confirm', 'accept', 'accept-loss', 'reason', 'agreed'];
const environment: Positional = { name: 'ENV', need: 'required', says: 'The environment.' };

/** In the order in which help lists them. */
export const commands: readonly Command[] = [
  {
    name: 'status',
    kind: 'question',
    positionals: [
      { name: 'ENV', need: 'any-number', says: 'The environments to ask; all of them when none is named.' },
    ],
    flags: ['database', 'check', 'stream'],
    summary: 'What each environment has applied, and what is pending or wrong.',
    says: [
      'Compares migration files with the records in each database and writes nothing.',
      'An environment that does not answer is shown as unreachable and holds up no other.',
      'Exits 0 whatever it finds; with --check it exits 3 unless every target is current.',
    ],
    examples: [
      { line: 'migrate-tui status', says: 'All environments.' },
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
    flags: ['database', 'tables', 'yes', 'confirm', 'reason'],
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
  {
    name: 'baseline',
    kind: 'change',
    positionals: [environment],
    flags: ['at', 'database', 'yes', 'confirm', 'accept', 'reason', 'agreed'],
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
    flags: ['to', 'database', 'leave-out', 'accept', 'reason', 'undo', 'tidy', 'yes', 'confirm', 'agreed'],
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
  {
    name: 'new',
    kind: 'tool',
    positionals: [{ name: 'NAME', need: 'optional', says: 'What it does, such as backfill_totals.' }],
    flags: ['from', 'database'],
    summary: 'Adds a migration of your own, as drizzle-kit or wrangler would.',
    says: [
      'Writes the file with its number, and for Drizzle the journal entry and the snapshot; no database is asked.',
      'Its time is later than that of every other migration: Drizzle 0.x never runs an older one.',
      'With a name and --from it gets the statements of that file, such as a draft of drift --format sql.',
      'With --from alone a SQL file that lies in the folder, and that no journal has, is registered instead.',
    ],
    examples: [
      { line: 'migrate-tui new backfill_totals', says: 'An empty file to write statements into.' },
      {
        line: 'migrate-tui new catch_up --from draft.sql',
        says: 'With the statements of a file from elsewhere.',
      },
      { line: 'migrate-tui new --from drizzle/0017_totals.sql', says: 'A file that somebody put there.' },
    ],
  },
  {
    name: 'generate',
    kind: 'tool',
    positionals: [{ name: 'NAME', need: 'optional', says: 'How the migration is called.' }],
    flags: ['database'],
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
    name: 'push',
    kind: 'change',
    positionals: [environment],
    flags: ['database', 'yes'],
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
    summary: "Runs the project's own Drizzle Studio on an environment, until Ctrl-C.",
    says: [
      'It listens on this machine only. Rows can be changed in it, so a protected environment needs --confirm.',
    ],
    examples: [{ line: 'migrate-tui studio local', says: 'Look at the rows in a browser.' }],
  },
  {
    name: 'runs',
    kind: 'question',
    positionals: [{ name: 'ENV', need: 'optional', says: 'Only those on this environment.' }],
    flags: ['database'],
    summary: 'What was done, when, by whom, and how it ended.',
    says: [],
    examples: [{ line: 'migrate-tui runs production', says: 'The runs on production, newest first.' }],
  },
  {
    name: 'show',
    kind: 'question',
    positionals: [{ name: 'RUN', need: 'required', says: 'Its number.' }],
    flags: ['follow', 'report', 'out'],
    summary: 'One run, step by step.',
    says: [
      'With --follow it prints events until the run ends and exits as the run did.',
      'With --report it prints an incident report: what happened, what is there now, what was chosen since, what remains to be done.',
    ],
    examples: [
      { line: 'migrate-tui show 41', says: 'Everything that run 41 did.' },
      {
        line: 'migrate-tui show 41 --report --out incident.md',
        says: 'A page for those who were not there.',
      },
    ],
  },
  {
    name: 'query',
    kind: 'question',
    positionals: [environment, { name: 'SQL', need: 'required', says: 'One statement that only reads.' }],
    flags: ['database'],
    summary: 'Ask a database; the engine itself refuses anything that writes.',
    says: ['Prints the rows of the answer. Needs --database when the environment has more than one.'],
    examples: [{ line: "migrate-tui query staging 'SELECT count(*) FROM orders'", says: 'One number.' }],
  },
  {
    name: 'doctor',
    kind: 'question',
    positionals: [],
    flags: [],
    summary: 'Check the project, the folders and the tools; exits 3 when something needs attention.',
    says: [],
    examples: [{ line: 'migrate-tui doctor', says: 'What stands in the way, and what to do about it.' }],
  },
  {
    name: 'init',
    kind: 'tool',
    positionals: [],
    flags: ['print'],
    summary: 'Write migrate-tui.config for what was found in this project.',
    says: ['Never overwrites a file. A standard project works without it.'],
    examples: [{ line: 'migrate-tui init', says: 'Writes the file and shows where each part came from.' }],
  },
  {
    name: 'demo',
    kind: 'tool',
    positionals: [
      { name: 'DIR', need: 'optional', says: 'Where to make it; ./migrate-tui-demo when not given.' },
    ],
    flags: ['no-open'],
    summary: 'Make a practice project with four environments, and open it.',
    says: ['Real libSQL files, no network. An earlier demo in DIR is thrown away and made again.'],
    examples: [{ line: 'migrate-tui demo --no-open', says: 'Only make it, and print what to try.' }],
  },
  {
    name: 'completion',
    kind: 'tool',
    positionals: [{ name: 'SHELL', need: 'required', says: 'bash, zsh or fish.' }],
    flags: [],
    summary: 'Print the completion script of a shell.',
    says: [],
    examples: [{ line: 'eval "$(migrate-tui completion bash)"', says: 'For the shell that is running.' }],
  },
];

export function commandNamed(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}

/** `deploy ENV`, as help shows it. */
export function usageOf(command: Command): string {
  return [command.name, ...command.positionals.map(positionalShown)].join(' ');
}

function positionalShown({ name, need }: Positional): string {
  switch (need) {
    case 'required':
      return name;
    case 'optional':
      return `[${name}]`;
    case 'any-number':
      return `[${name} ...]`;
  }
}

/** Words that mean something in migrate-tui but that this version does not do. */
export const notYet: ReadonlySet<string> = new Set(['rollback', 'lint']);
