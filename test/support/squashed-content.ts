import { DatabaseSync } from 'node:sqlite';

/** Of a database file of the small project, bookkeeping left out: the names of all objects, and the rows. */
export function squashedContent(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const all = (sql: string) =>
      database
        .prepare(sql)
        .all()
        .map((row) => ({ ...row }));
    return [
      all(
        "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY 1, 2",
      ),
      all('SELECT * FROM teams ORDER BY id'),
      all('SELECT * FROM members ORDER BY id'),
      ...(all("SELECT 1 FROM sqlite_schema WHERE name = 'counted'").length === 0
        ? []
        : [
            all('SELECT * FROM counted ORDER BY id'),
            all("SELECT seq FROM sqlite_sequence WHERE name = 'counted'"),
            all("SELECT rowid FROM found WHERE found MATCH 'words' ORDER BY rowid"),
          ]),
    ];
  } finally {
    database.close();
  }
}
