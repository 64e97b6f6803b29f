import { environment, oneDatabase, type Command } from './command.ts';

/** What was done, and what is there. */
export const looking: readonly Command[] = [
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
    means: { out: 'Write the report to FILE as well.' },
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
    means: oneDatabase,
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
];
