/** The exchanges of captures and of packets, as `--calls` gives them: records, and lines. */
import { Dissector } from '../../src/dissect/dissector.js';
import type { Exchange } from '../../src/dissect/exchange.js';
import { ExchangeFollower } from '../../src/dissect/exchange-follower.js';
import { Inspection } from '../../src/index.js';
import { Network, type NetworkOptions } from '../../src/network/network.js';
import { newStamp } from '../../src/network/stamp.js';
import { ExchangeListWriter } from '../../src/output/exchange-list.js';
import { ExchangeRecordWriter } from '../../src/output/exchange-record.js';
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
  let writer: ExchangeRecordWriter | null = null;
  await eachExchangeOf(path, (exchange, dissector) => {
    writer ??= new ExchangeRecordWriter(out, dissector, OPTIONS);
    writer.write(exchange);
    out.byte(0x0a);
  });
  return parse(out);
}

export async function exchangeLinesOf(path: string, columns: number | null = null): Promise<string> {
  const out = new ByteWriter();
  const inspection: Inspection = await Inspection.open(
    [path],
    { library, onUnanswered: (slot, outcome) => follower.addUnanswered(slot, outcome) },
    (dissection) => follower.add(dissection),
  );
  const writer = new ExchangeListWriter(out, inspection.dissector, {
    styles: makeStyles(false),
    time: new TimeColumn('r', () => inspection.first),
    files: null,
    columns,
  });
  const follower = new ExchangeFollower(inspection.dissector, inspection.exchanges, (exchange) =>
    writer.write(exchange),
  );
  await inspection.run();
  return out.toString();
}

/** `bound`: bytes of open calls that are kept. */
export function exchangesOf(
  packets: readonly (Uint8Array | TestPacket)[],
  bound?: number,
  options?: NetworkOptions,
): ExchangeRecord[] {
  const out = new ByteWriter();
  let writer: ExchangeRecordWriter | null = null;
  eachExchange(
    packets,
    (exchange, dissector) => {
      writer ??= new ExchangeRecordWriter(out, dissector, OPTIONS);
      writer.write(exchange);
      out.byte(0x0a);
    },
    bound,
    options,
  );
  return parse(out);
}

/** Calls back for the exchanges of packets; answers of how many calls the arguments were forgotten. */
export function eachExchange(
  packets: readonly (Uint8Array | TestPacket)[],
  handle: (exchange: Exchange, dissector: Dissector) => void,
  bound?: number,
  options?: NetworkOptions,
): number {
  const network: Network = new Network(
    {
      datagram: (...datagram) => rpc.datagram(...datagram),
      open: (flow) => rpc.open(flow),
      reopen: (flow, rest) => rpc.reopen(flow, rest),
      quoted: (...quoted) => rpc.quoted(...quoted),
    },
    newStamp(),
    options,
  );
  const rpc: Messages = new Messages(
    network.now,
    (message) => follower.add(dissector.dissect(message)),
    (slot, outcome) => follower.addUnanswered(slot, outcome),
  );
  const dissector = new Dissector(library, rpc.exchanges);
  const take = (exchange: Exchange) => handle(exchange, dissector);
  const follower = new ExchangeFollower(dissector, rpc.exchanges, take, { names: true, bound });
  feed(network, packets);
  rpc.finish();
  return follower.forgottenArguments;
}

/** Calls back for the exchanges of a capture. */
export async function eachExchangeOf(path: string, handle: (exchange: Exchange, dissector: Dissector) => void) {
  const inspection: Inspection = await Inspection.open(
    [path],
    { library, onUnanswered: (slot, outcome) => follower.addUnanswered(slot, outcome) },
    (dissection) => follower.add(dissection),
  );
  const { dissector, exchanges } = inspection;
  const take = (exchange: Exchange) => handle(exchange, dissector);
  const follower = new ExchangeFollower(dissector, exchanges, take, { names: true });
  return inspection.run();
}
