import { bytes, quantity } from '../../lib/numbers.ts';
import { agoAndMoment, moment } from '../../lib/time.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { BackupsReport, BackupSummary, UnreadableBackup } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';

/** Some lines a backup, as the report gives them; then what cannot be read. */
export function backupsText({ backups, unreadable = [] }: BackupsReport, style: Style): readonly string[] {
  if (backups.length === 0 && unreadable.length === 0)
    return [`No backups are kept. ${shown(style.command(['backup', 'ENV']))} takes one.`];
  return [
    ...backups.flatMap((backup) => backupText(backup, style)),
    ...unreadable.flatMap((set) => unreadableText(set, style)),
  ];
}

function unreadableText({ id, says, next }: UnreadableBackup, { paint, signs }: Style): readonly string[] {
  return [
    `${paint('accent', shown(id))}  ${paint('danger', `${signs.failed} ${shown(says)}`)}`,
    ...(next === undefined ? [] : [`     ${shown(next)}`]),
  ];
}

function backupText(backup: BackupSummary, style: Style): readonly string[] {
  const rows = backup.databases.reduce((sum, each) => sum + each.rows, 0);
  const tables = backup.databases.reduce((sum, each) => sum + each.tables, 0);
  const partial = backup.partial === undefined ? '' : `, partial: only ${shown(backup.partial.join(', '))}`;
  const names = backup.databases.map(({ database }) => database).join(', ');
  return [
    `${style.paint('accent', shown(backup.id))}  ${shown(backup.environment)}, ${shown(names)}  ${agoAndMoment(backup.takenAt, style.now)}  ${proofText(backup.proof, style)}`,
    `     ${sizeText(backup)}${quantity(tables, 'table')}, ${quantity(rows, 'row')}${partial}${encryptedText(backup)}, ${keptText(backup)}`,
    ...backup.databases
      .flatMap((one) => [...positionText(one), ...archiveText(one)])
      .map((line) => `     ${style.paint('dim', shown(line))}`),
    `     ${style.paint('dim', shown(backup.path))}`,
  ];
}

/** What a server keeps has no size here, but its archive has. */
function sizeText({ proof, size }: BackupSummary): string {
  return proof === 'kept-by-server' && size === 0 ? '' : `${bytes(size)}, `;
}

function encryptedText({ encrypted }: BackupSummary): string {
  if (encrypted === undefined) return '';
  const elsewhere = encrypted.is === 'here' ? '' : ' (not here)';
  return `, encrypted with the key ${shown(encrypted.key)}${elsewhere}`;
}

function keptText({ proof, keptUntil }: BackupSummary): string {
  const kept = proof === 'kept-by-server' ? 'listed' : 'kept';
  return keptUntil === undefined ? `${kept} for good` : `${kept} until ${moment(keptUntil)}`;
}

/** Where in the server's history, and how long that is kept. */
function positionText({ database, position, retention }: SummarizedDatabase): readonly string[] {
  if (position === undefined) return [];
  const kept = retention === undefined ? '' : `, kept by the server for ${retention}`;
  return [`${database}: at ${position}${kept}`];
}

/** The text for elsewhere, and the database that it was loaded into. */
function archiveText({ database, archive }: SummarizedDatabase): readonly string[] {
  if (archive === undefined) return [];
  const into = archive.loadsInto === 'd1' ? 'SQL that D1 imports' : "SQL for SQLite's own shell";
  const moment = archive.moment === 'one' ? '' : '; it was written to meanwhile';
  return [
    `${database}: archive ${archive.sql}, ${into}${moment}`,
    `${database}: loaded into ${archive.loaded}`,
  ];
}

type SummarizedDatabase = BackupSummary['databases'][number];

function proofText(proof: BackupSummary['proof'], { paint, signs }: Style): string {
  switch (proof) {
    case 'proven':
      return paint('ok', `${signs.done} proven to restore`);
    case 'read-back':
      return paint('ok', `${signs.done} read back`);
    case 'damaged':
      return paint('danger', `${signs.failed} damaged: it no longer matches its manifest`);
    case 'kept-by-server':
      return paint('ok', `${signs.done} kept by the server`);
    default:
      return unreachable(proof);
  }
}
