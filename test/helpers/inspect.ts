/** Runs packets through network and rpc, and what they give as owned objects; and records and lines through dissect and output. */
import type { Dissection } from '../../src/dissect/dissection.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { DissectorLibrary } from '../../src/dissect/library.js';
import { Names } from '../../src/dissect/names.js';
import { Network } from '../../src/network/network.js';
import { newStamp } from '../../src/network/stamp.js';
import { ListWriter } from '../../src/output/list.js';
import { RecordWriter } from '../../src/output/record.js';
import { TimeColumn } from '../../src/output/time.js';
import type { Message } from '../../src/rpc/message.js';
import { Messages } from '../../src/rpc/messages.js';
import { makeStyles } from '../../src/terminal/style.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { parseLines } from './lines.js';
import { giveFrame, type TestPacket } from './packets.js';

type Owned = Omit<Message, 'bytes' | 'start' | 'end' | 'isTruncated' | 'hasProgram' | 'resetHeader'>;

/** A message with the bytes that were there; flat, for tables. */
export interface OwnedMessage extends Owned {
  data: string;
}

export interface Seen {
  messages: OwnedMessage[];
  network: Network;
  rpc: Messages;
}

function ownMessage(message: Message): OwnedMessage {
  const { bytes, start, end, credential, verifier, notes, ...rest } = message;
  return {
    ...rest,
    have: message.have,
    credential: { ...credential },
    verifier: { ...verifier },
    notes: [...notes],
    data: Buffer.from(bytes.subarray(start, end)).toString('hex'),
  } as OwnedMessage;
}

/** Frames are numbered from 1 and, unless they say otherwise, a second apart. */
export function inspect(packets: readonly (Uint8Array | TestPacket)[]): Seen {
  const messages: OwnedMessage[] = [];
  const rpc = new Messages(newStamp(), (message) => messages.push(ownMessage(message)));
  const network = new Network(rpc, rpc.now);
  feed(network, packets);
  return { messages, network, rpc };
}

export function feed(network: Network, packets: readonly (Uint8Array | TestPacket)[]): void {
  packets.forEach((packet, index) => {
    giveFrame(network, packet instanceof Uint8Array ? { data: packet } : packet, index + 1);
  });
  network.finish();
}

const builtIn = new DissectorLibrary();

/** The JSON records of packets; `capacity`: exchanges that are known at a time. */
export function recordsOf(
  packets: readonly (Uint8Array | TestPacket)[],
  library = builtIn,
  payload = false,
  capacity?: number,
  // biome-ignore lint/suspicious/noExplicitAny: records are open objects.
): any[] {
  const options = { files: null, hasInterfaces: () => false, int64Strings: false, payload };
  const newWriter = (out: ByteWriter, dissector: Dissector) => {
    const writer = new RecordWriter(out, dissector, options);
    return (dissection: Dissection) => {
      writer.write(dissection);
      out.byte(0x0a);
    };
  };
  return parseLines(textOf(packets, newWriter, library, capacity));
}

/** The lines of the list for packets, from the summary on. */
export function listOf(packets: readonly (Uint8Array | TestPacket)[]): string[] {
  const time = new TimeColumn('r', () => ({ seconds: 0, nanoseconds: 0 }));
  const newWriter = (out: ByteWriter, dissector: Dissector) => {
    const writer = new ListWriter(out, dissector, { styles: makeStyles(false), time, files: null, columns: null });
    return (dissection: Dissection) => writer.write(dissection);
  };
  const lines = textOf(packets, newWriter).trimEnd().split('\n');
  return lines.map((line) => line.replace(/^.*? (call|reply +\S+) +/, ''));
}

/** What a writer of messages writes of packets. */
function textOf(
  packets: readonly (Uint8Array | TestPacket)[],
  newWriter: (out: ByteWriter, dissector: Dissector) => (dissection: Dissection) => void,
  library = builtIn,
  capacity?: number,
): string {
  const out = new ByteWriter();
  const rpc = new Messages(newStamp(), (message) => write(dissector.dissect(message)), undefined, { capacity });
  const network = new Network(rpc, rpc.now);
  const dissector = new Dissector(library, rpc.exchanges, { names: new Names(), announcements: rpc.knownPrograms });
  const write = newWriter(out, dissector);
  feed(network, packets);
  return out.toString();
}
