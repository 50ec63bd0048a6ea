/** Runs packets through network and rpc, and what they give as owned objects; and records through dissect and output. */
import { Dissector } from '../../src/dissect/dissector.js';
import { DissectorLibrary } from '../../src/dissect/library.js';
import { Names } from '../../src/dissect/names.js';
import { Network } from '../../src/network/network.js';
import { newStamp } from '../../src/network/stamp.js';
import { RecordWriter } from '../../src/output/record.js';
import type { Message } from '../../src/rpc/message.js';
import { Messages } from '../../src/rpc/messages.js';
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
  const out = new ByteWriter();
  const handle = (message: Message) => {
    writer.write(dissector.dissect(message));
    out.byte(0x0a);
  };
  const rpc = new Messages(newStamp(), handle, undefined, { capacity });
  const network = new Network(rpc, rpc.now);
  const dissector = new Dissector(library, rpc.exchanges, { names: new Names(), announcements: rpc.knownPrograms });
  const options = { files: null, hasInterfaces: () => false, int64Strings: false, payload };
  const writer = new RecordWriter(out, dissector, options);
  feed(network, packets);
  return parseLines(out.toString());
}
