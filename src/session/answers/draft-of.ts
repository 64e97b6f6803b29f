import { stopped } from '../../lib/sentences.ts';
import { draftPostgres } from '../../operations/drift/draft-postgres/draft.ts';
import { draftMigration } from '../../operations/drift/draft.ts';
import type { Finding } from '../../operations/reports.ts';
import { isPostgres, type RuleEngine } from '../../rules/rule.ts';
import { runRules, type Severities } from '../../rules/run-rules.ts';
import { foreignKeysOfSchema } from '../../schema/foreign-keys.ts';
import type { Schema } from '../../schema/schema.ts';
import { commentLine } from '../../sql/comment-line.ts';
import { breakpointMarker, splitMigration } from '../../sql/split.ts';

/** A database as it is, and as it is to be. */
export interface DraftInput {
  readonly database: string;
  readonly environment: string;
  readonly engine: RuleEngine;
  readonly from: Schema;
  readonly to: Schema;
  readonly severities: Severities;
}

/** A migration that leads from one to the other: what is found in a statement stands above it, as a comment. */
export function draftOf({ from, to, ...place }: DraftInput): readonly string[] {
  const isServer = isPostgres(place.engine);
  const statements = isServer ? draftPostgres(from, to) : draftMigration(from, to);
  const findings = runRules({
    ...place,
    migrations: [{ tag: 'draft', statements: isServer ? asStatements(statements) : asFile(statements) }],
    schema: from,
    foreignKeys: foreignKeysOfSchema(from),
  });
  return statements.map((sql, index) =>
    [...findings.filter(({ statement }) => statement === index + 1).map(remark), sql].join('\n'),
  );
}

/** As they will stand in a file, each under its place in the draft. */
function asFile(statements: readonly string[]): ReturnType<typeof splitMigration> {
  const text = statements.join(`\n${breakpointMarker}\n`);
  return splitMigration(text).map((statement) => ({ ...statement, number: statement.chunk ?? 1 }));
}

/** Each by itself already, under what is noted above it. */
function asStatements(statements: readonly string[]): ReturnType<typeof splitMigration> {
  return statements.flatMap((text, at) => {
    const sql = text.replace(/^(?:-- [^\n]*(?:\n|$))+/, '').replace(/;$/, '');
    return sql === '' ? [] : [{ sql, line: 1, number: at + 1, chunk: at + 1 }];
  });
}

function remark({ severity, message, fix }: Finding): string {
  const safeWay = fix === undefined ? '' : ` Safe way: ${stopped(fix)}`;
  return commentLine(`${severity === 'info' ? 'note' : severity}: ${stopped(message)}${safeWay}`);
}
