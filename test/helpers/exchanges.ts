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
import { parseLines } from './lines.js';
import type { TestPacket } from './packets.js';
import { library } from './render.js';

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
export type ExchangeRecord = any;

const OPTIONS = { files: null, hasInterfaces: () => false, int64Strings: false, payload: false };

export async function exchangesOfCapture(path: string): Promise<ExchangeRecord[]> {
  const out = new ByteWriter();
  let writer: ExchangeRecordWriter | null = null;
  await eachExchangeOf(path, (exchange, { dissector }) => {
    writer ??= new ExchangeRecordWriter(out, dissector, OPTIONS);
    writer.write(exchange);
    out.byte(0x0a);
  });
  return parseLines(out.toString());
}

export async function exchangeLinesOf(path: string, columns: number | null = null, isColored = false): Promise<string> {
  const out = new ByteWriter();
  const styles = makeStyles(isColored);
  let writer: ExchangeListWriter | null = null;
  await eachExchangeOf(path, (exchange, { dissector, first }) => {
    const time = new TimeColumn('r', () => first);
    writer ??= new ExchangeListWriter(out, dissector, { styles, time, files: null, columns });
    writer.write(exchange);
  });
  return out.toString();
}

/** The lines of packets' exchanges. */
export function exchangeListOf(packets: readonly (Uint8Array | TestPacket)[]): string[] {
  const out = new ByteWriter();
  const time = new TimeColumn('r', () => ({ seconds: 1, nanoseconds: 0 }));
  let writer: ExchangeListWriter | null = null;
  eachExchange(packets, (exchange, dissector) => {
    writer ??= new ExchangeListWriter(out, dissector, { styles: makeStyles(false), time, files: null, columns: null });
    writer.write(exchange);
  });
  return out.toString().trimEnd().split('\n');
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
  return parseLines(out.toString());
}

/** Calls back for the exchanges of packets; answers of how many calls the arguments were forgotten. */
export function eachExchange(
  packets: readonly (Uint8Array | TestPacket)[],
  handle: (exchange: Exchange, dissector: Dissector) => void,
  bound?: number,
  options?: NetworkOptions,
): number {
  const rpc: Messages = new Messages(
    newStamp(),
    (message) => follower.add(dissector.dissect(message)),
    (slot, outcome) => follower.addUnanswered(slot, outcome),
  );
  const network = new Network(rpc, rpc.now, options);
  const dissector = new Dissector(library, rpc.exchanges);
  const take = (exchange: Exchange) => handle(exchange, dissector);
  const follower = new ExchangeFollower(dissector, rpc.exchanges, take, { names: true, bound });
  feed(network, packets);
  rpc.finish();
  return follower.forgottenArguments;
}

/** Calls back for the exchanges of a capture. */
export async function eachExchangeOf(path: string, handle: (exchange: Exchange, inspection: Inspection) => void) {
  const inspection: Inspection = await Inspection.open(
    [path],
    { library, onUnanswered: (slot, outcome) => follower.addUnanswered(slot, outcome) },
    (dissection) => follower.add(dissection),
  );
  const take = (exchange: Exchange) => handle(exchange, inspection);
  const follower = new ExchangeFollower(inspection.dissector, inspection.exchanges, take, { names: true });
  return inspection.run();
}
