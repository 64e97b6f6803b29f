import { customTypes } from '../../src/operations/squash/custom-types.ts';
import type {
  SquashBaseline,
  SquashEnvironment,
  SquashProof,
  SquashProofReport,
  SquashReport,
} from '../../src/operations/squash/report.ts';
import { array, number, object, one, oneOf, optional, text, truth } from './schema.ts';

const baseline = object<SquashBaseline>({
  tag: text('The name of the last that it stands for.'),
  file: text(),
  hash: text(),
  sql: text('All that the one file holds.'),
  statements: number(),
  fingerprint: text(),
  rows: array(object<SquashBaseline['rows'][number]>({ table: text(), rows: number() })),
  custom: array(
    object<SquashBaseline['custom'][number]>({
      type: oneOf(...customTypes, 'virtual-table'),
      name: text(),
    }),
  ),
});

const proof = object<SquashProof>({
  check: oneOf('git', 'repeatable', 'schema', 'rows', 'generate'),
  state: oneOf('proven', 'accepted', 'differs', 'not-possible'),
  says: text(),
});

export const squashProof = object<SquashProofReport>({
  schemaVersion: one(1),
  kind: one('squash-proof'),
  proof,
});

export const squash = object<SquashReport>({
  schemaVersion: one(1),
  kind: one('squash'),
  state: oneOf('nothing', 'refused', 'possible', 'written', 'undone'),
  database: text(),
  folder: text(),
  archive: text('Where the originals are kept.'),
  migrations: array(object<SquashReport['migrations'][number]>({ tag: text(), hash: text() })),
  baseline: optional(baseline),
  proof: array(proof),
  environments: array(
    object<SquashEnvironment>({
      environment: text(),
      protected: truth(),
      state: oneOf('ready', 'empty', 'behind', 'made-otherwise', 'unreachable', 'left-out', 'depends'),
      at: optional(text('The newest applied migration.')),
      missing: optional(text('The first of these migrations that it never ran.')),
      records: optional(
        number(
          'How many records it has of what the one file stands for; once it is written, --tidy makes them one.',
        ),
      ),
      tidy: optional(number('How many records of a squash that was made could be made one now.')),
      says: text(),
      refusal: optional(text('Why it holds everything up, a whole sentence.')),
    }),
  ),
  changing: array(text('A table whose rows another replay would not give, and that nobody accepted.')),
  possibleTo: optional(text('Up to here, what holds it up in an environment that is behind would not.')),
  undo: optional(
    object<NonNullable<SquashReport['undo']>>({
      tag: text(),
      migrations: number('How many originals --undo would put back.'),
    }),
  ),
  refusals: array(text()),
  otherRefusals: array(text('Of the refusals, one that is of no proof, no table and no environment.')),
  next: text(),
});
