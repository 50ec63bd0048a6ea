/** What `rpcdump pending` would find in packets and captures, and packets for it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Pending, type PendingReport } from '../../src/analysis/pending.js';
import { type PendingRecordOptions, pendingRecords } from '../../src/output/pending-record.js';
import { makeStyles } from '../../src/terminal/style.js';
import { eachExchange, eachExchangeOf } from './exchanges.js';
import { capture } from './fixtures.js';
import { client, server, type TestPacket, udp } from './packets.js';
import { FIXTURES } from './render.js';

const schema = JSON.parse(readFileSync(join(FIXTURES, '../schemas/pending.schema.json'), 'utf8'));
const validate = new Ajv2020({ strictTypes: false, strictRequired: false }).compile(schema);

/** Of a table on no terminal. */
export const OPTIONS = { styles: makeStyles(false), columns: null, files: null, age: () => 1_500_000_000 };

export function pendingOf(packets: readonly (Uint8Array | TestPacket)[]): PendingReport {
  const pending = new Pending();
  eachExchange(packets, pending.add);
  return checked(pending.report());
}

export async function pendingOfCapture(name: string): Promise<PendingReport> {
  const pending = new Pending();
  await eachExchangeOf(capture(name), pending.add);
  return checked(pending.report());
}

/** The same report, whose records fit the schema. */
export function checked(report: PendingReport): PendingReport {
  recordsOf(report, OPTIONS);
  return report;
}

/** The records of a report, which fit the schema. */
// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
export function recordsOf(report: PendingReport, options: PendingRecordOptions): any[] {
  const lines = pendingRecords(report, options).split('\n').slice(0, -1);
  return lines.map((line) => {
    const record = JSON.parse(line);
    if (!validate(record)) throw new Error(`${line}: ${JSON.stringify(validate.errors)}`);
    return record;
  });
}

export const at = (seconds: number, data: Uint8Array): TestPacket => ({ data, seconds, nanoseconds: 0 });
export const toServer = (seconds: number, message: Uint8Array) => at(seconds, udp(client, server, message));
export const toClient = (seconds: number, message: Uint8Array) => at(seconds, udp(server, client, message));
