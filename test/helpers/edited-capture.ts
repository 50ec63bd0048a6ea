/**
 * A capture as the messages in it, and a capture made of messages: between the two, one can be left out, changed or moved. Connections
 * are written anew, with sequence numbers that fit.
 */
import { RAW_IP } from '../../src/capture/link-types.js';
import { Inspection } from '../../src/index.js';
import { CALL } from '../../src/rpc/message.js';
import { writePcap } from './capture-writer.js';
import { Conversation } from './conversation.js';
import { type Host, type TestPacket, udp } from './packets.js';
import { library } from './render.js';

export interface Said {
  isCall: boolean;
  isTcp: boolean;
  connection: number;
  xid: number;
  procedure: string | undefined;
  source: Host;
  destination: Host;
  seconds: number;
  /** From the xid on. */
  bytes: Buffer;
}

/** The messages of a capture, copied. */
export async function messagesOf(path: string): Promise<Said[]> {
  const messages: Said[] = [];
  const inspection = await Inspection.open([path], { library }, ({ message, procedureName }) => {
    const { connection, xid, source, destination, seconds, nanoseconds } = message;
    messages.push({
      isCall: message.type === CALL,
      isTcp: message.protocol === 6,
      connection,
      xid,
      procedure: procedureName,
      source: { address: source.address, port: source.port },
      destination: { address: destination.address, port: destination.port },
      seconds: seconds + nanoseconds / 1e9,
      bytes: Buffer.from(message.bytes.subarray(message.start, message.end)),
    });
  });
  await inspection.run();
  return messages;
}

/** A capture of these messages, in this order, each a millisecond after the one before. */
export function captureOf(messages: readonly Said[]): Buffer {
  const packets: TestPacket[] = [];
  const conversations = new Map<number, Conversation>();
  let seconds = Math.floor(messages[0].seconds);
  for (const message of messages) {
    seconds += 0.001;
    if (message.isTcp) packets.push(...say(conversations, message, seconds));
    else packets.push({ data: udp(message.source, message.destination, message.bytes), ...stampOf(seconds) });
  }
  return writePcap(packets, { linkType: RAW_IP });
}

/** The packets of a message, behind those that open its connection. */
function say(conversations: Map<number, Conversation>, message: Said, seconds: number): TestPacket[] {
  const { connection, isCall, source, destination, bytes } = message;
  let conversation = conversations.get(connection);
  if (conversation === undefined) {
    // Ports are used again: another connection has other sequence numbers.
    const base = connection * 10_000_000;
    conversation = new Conversation(base, isCall ? [source, destination] : [destination, source]).open(seconds);
    conversations.set(connection, conversation);
  }
  if (isCall) conversation.call(bytes, seconds);
  else conversation.reply(bytes, seconds);
  return conversation.packets.splice(0);
}

function stampOf(seconds: number): { seconds: number; nanoseconds: number } {
  const whole = Math.floor(seconds);
  return { seconds: whole, nanoseconds: Math.round((seconds - whole) * 1e9) };
}
