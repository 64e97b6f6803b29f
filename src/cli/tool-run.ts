import type { RunEventBody } from '../operations/events.ts';
import type { Output } from './output/output.ts';

/** Events of what is carried out without a ledger, such as making files: they carry the run number 0. */
export function toolRun(output: Output): (event: RunEventBody) => void {
  return (event) => {
    output.document({ schemaVersion: 1, run: 0, at: new Date().toISOString(), ...event });
  };
}
