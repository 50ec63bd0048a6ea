/** The exchanges of captures and of packets, as `--calls` gives them: records, and lines. */
import { Dissector } from '../../src/dissect/dissector.js';
import { Inspection } from '../../src/index.js';
import { Network } from '../../src/network/network.js';
import { ExchangeListWriter } from '../../src/output/exchange-list.js';
import { ExchangeRecordWriter } from '../../src/output/exchange-record.js';
import type { KeptCalls } from '../../src/output/kept-calls.js';
import { TimeColumn } from '../../src/output/time.js';
import { Messages } from '../../src/rpc/messages.js';
import { makeStyles } from '../../src/terminal/style.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { feed } from './inspect.js';
import type { TestPacket } from './packets.js';
import { library } from './render.js';

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
export type ExchangeRecord = any;

const OPTIONS = { files: null, hasInterfaces: () => false, int64Strings: false, payload: false };

function parse(out: ByteWriter): ExchangeRecord[] {
  return out
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

export async function exchangesOfCapture(path: string): Promise<ExchangeRecord[]> {
  const out = new ByteWriter();
  const end = (isWritten: boolean) => {
    if (isWritten) out.byte(0x0a);
  };
  const inspection: Inspection = await Inspection.open(
    [path],
    { library, onUnanswered: (exchange, outcome) => end(writer.writeUnanswered(exchange, outcome)) },
    (dissection) => end(writer.write(dissection)),
  );
  const writer = new ExchangeRecordWriter(out, inspection.dissector, inspection.exchanges, OPTIONS);
  await inspection.run();
  return parse(out);
}

export async function exchangeLinesOf(path: string): Promise<string> {
  const out = new ByteWriter();
  const inspection: Inspection = await Inspection.open(
    [path],
    { library, onUnanswered: (exchange, outcome) => writer.writeUnanswered(exchange, outcome) },
    (dissection) => writer.write(dissection),
  );
  const writer = new ExchangeListWriter(out, inspection.dissector, inspection.exchanges, {
    styles: makeStyles(false),
    time: new TimeColumn('r', () => inspection.first),
    files: null,
    columns: null,
  });
  await inspection.run();
  return out.toString();
}

export function exchangesOf(packets: readonly (Uint8Array | TestPacket)[], kept?: KeptCalls): ExchangeRecord[] {
  const out = new ByteWriter();
  const end = (isWritten: boolean) => {
    if (isWritten) out.byte(0x0a);
  };
  const network: Network = new Network({
    datagram: (...datagram) => rpc.datagram(...datagram),
    open: (flow) => rpc.open(flow),
    quoted: (...quoted) => rpc.quoted(...quoted),
  });
  const rpc: Messages = new Messages(
    network.now,
    (message) => end(writer.write(dissector.dissect(message))),
    (exchange, outcome) => end(writer.writeUnanswered(exchange, outcome)),
  );
  const dissector = new Dissector(library, rpc.exchanges);
  const writer = new ExchangeRecordWriter(out, dissector, rpc.exchanges, OPTIONS, kept);
  feed(network, packets);
  rpc.finish();
  return parse(out);
}
