/** One flag of the command line. */
export interface Flag {
  /** The word for its value in help (`FILE`); undefined: it takes none. */
  readonly takes: string | undefined;
  readonly often: 'once' | 'repeatable';
  readonly says: string;
  /** Hidden ones are for programs; they work, and stand in no help. */
  readonly shown: 'shown' | 'hidden';
}

export type FlagName = keyof typeof flags;

/** Every flag, once; a command lists those that it takes. */
const flags = {
  json: on('Answer in JSON only: one document, or one event a line for a change.'),
  config: value('FILE', 'Use this migrate-tui.config file.'),
  project: value('DIR', 'Work on the project in DIR instead of the one found from here upward.'),
  'no-color': on('No colours; NO_COLOR and CLICOLOR=0 do the same, FORCE_COLOR=1 asks for them.'),
  ascii: on('ASCII signs only.'),
  accessible: on('Whole sentences line by line instead of a full screen; ACCESSIBLE=1 does the same.'),
  'show-values': on('Show values that a database quotes in its errors.'),
  help: on('Show what a command does and takes.'),
  database: value('NAME', 'Only this database; may be given more than once.', 'repeatable'),
  to: value('TAG', 'Up to and including this migration: its tag or a unique beginning of it.'),
  only: value('TAG', 'Exactly this migration; refused while an earlier one is pending.'),
  'out-of-order': on('Also run what the original tool would skip, and let --only pass over pending ones.'),
  yes: on('Consent beforehand; all that an unprotected environment needs.'),
  confirm: value(
    'ENV[@HASH]',
    'Consent to write to a protected environment; with the hash of its evidence where that is asked.',
    'repeatable',
  ),
  accept: value(
    'RULE:TAG',
    'Go on in spite of this finding of severity error; needs --reason, is recorded.',
    'repeatable',
  ),
  'accept-loss': value(
    'TABLE=ROWS',
    'Accept that exactly so many rows of the table are lost or changed; recorded.',
    'repeatable',
  ),
  without: value('STEP', 'Leave out backup or dry-run; needs --reason, is recorded.', 'repeatable'),
  reason: value('TEXT', 'Why; recorded with the run.'),
  plan: value('FILE', 'The plan that dry-run wrote, with its evidence.'),
  'leave-out': value(
    'ENV',
    'Do not ask this environment; it is on you that it is not in the middle of what is squashed.',
    'repeatable',
  ),
  undo: on('Put the originals of the newest squash back.'),
  tidy: value(
    'ENV',
    'After a squash: make one record of those that the one file stands for, in this environment.',
  ),
  rollback: on('With a rollback file beside it, as far as its statements tell what takes them back.'),
  'rollback-of': value('TAG', 'Write the rollback file of a migration that is there.'),
  empty: on('Stop after emptying.'),
  from: value('FROM', 'Where it comes from: an environment, or a file of SQL.'),
  exclude: value('A,B', 'These tables come over without their rows.'),
  mask: value(
    'TABLE.COLUMN=RULE',
    'Copy this column under a rule, hash or null, this once; before masks of the configuration.',
    'repeatable',
  ),
  'accept-unmasked': value(
    'TABLE.COLUMN',
    'Copy this column of a protected environment as it is, although it looks personal; recorded.',
    'repeatable',
  ),
  at: value('TAG', 'Up to and including this migration: its tag or a unique beginning of it.'),
  against: value(
    'FILE',
    'A file of SQL, a database file, or a backup such as b41, instead of the migrations.',
  ),
  format: value(
    'FORMAT',
    'text, json, or sql: a migration to be reviewed that would take the differences away.',
  ),
  since: value('REV', 'Only what changed since the branch left this revision, committed or not.'),
  all: on('Every environment beside its own migrations, as a table.'),
  choose: value('OPTION', 'Carry out this way out, as recover names it.'),
  'keep-children': value(
    'ENV',
    'Print it as it leaves the rows of tables that refer to a rebuilt one as they are, on the schema of ENV.',
  ),
  write: on("With --keep-children: put that in the file's place; the text of before is kept."),
  repair: on('Put what one branch made after what another made, where no environment has run it.'),
  port: value('N', 'Where Studio listens on this machine; 4983 unless given.'),
  tables: value('A,B', 'Only the rows of these tables.'),
  archive: on('Also have D1 export its databases as SQL; nobody else can use them meanwhile.'),
  out: value('FILE', 'Write the plan to FILE as well.'),
  report: on('Print an incident report in Markdown.'),
  through: on('Every environment before ENV first, in promotion order; stops at the first that fails.'),
  check: on('Exit 3 when something is not as it should be.'),
  drift: on('Also compare each schema with what its applied migrations give.'),
  follow: on('Go on with the events of the run until it ends.'),
  print: on('Only show the file; nothing is written.'),
  'no-open': on('Do not open the screen afterwards.'),
  stream: hidden(on('A line for each part of the answer as it is known: each environment, each proof.')),
  agreed: hidden(
    value('HOW', 'How the consent of the flags came about: typed, by a person who saw the evidence.'),
  ),
  log: hidden(
    value('FILE', 'Append every statement, subprocess and request to FILE, one JSON object a line.'),
  ),
} as const satisfies Record<string, Flag>;

/** Flags that every command takes. */
export const everywhere: readonly FlagName[] = [
  'json',
  'config',
  'project',
  'no-color',
  'ascii',
  'accessible',
  'show-values',
  'help',
  'log',
];

export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(flags, name);
}

export function flagOf(name: FlagName): Flag {
  return flags[name];
}

/** `--to TAG`, as help shows it. */
export function flagShown(name: FlagName): string {
  const { takes } = flagOf(name);
  return takes === undefined ? `--${name}` : `--${name} ${takes}`;
}

function on(says: string): Flag {
  return { takes: undefined, often: 'once', says, shown: 'shown' };
}

function value(takes: string, says: string, often: Flag['often'] = 'once'): Flag {
  return { takes, often, says, shown: 'shown' };
}

function hidden(flag: Flag): Flag {
  return { ...flag, shown: 'hidden' };
}
