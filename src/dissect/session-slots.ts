/**
 * Finds replays of NFSv4.1 (RFC 8881 §2.10.6.1). A request with the session, slot and sequence number of the last
 * request of that slot is the same request once more, whatever its xid; the server answers it from the slot. A request
 * whose SEQUENCE failed did not take its number, so the next one with that number is no replay. Bounded: the slot that
 * was not used for longest leaves, and is counted.
 */
import { MAX_SESSION_SLOTS } from '../limits/dissect.js';
import { CALL, type Message } from '../rpc/message.js';
import { Recent } from '../rpc/recent.js';
import { read32 } from '../xdr/bytes.js';
import { ByShape, type Shape } from './operation-shapes.js';
import type { Compound } from './operations.js';
import { NONE_RELATED, type Related } from './related.js';

/** SEQUENCE and CB_SEQUENCE begin with sessionid[16], sequenceid and slotid. */
const SESSION_LENGTH = 16;
const ARGUMENTS = SESSION_LENGTH + 8;

interface Slot {
  sequence: number;
  frame: number;
  file: number;
  /** The exchange that used it last. */
  exchange: number;
}

/** The number of a slot whose last request did not count. */
const NONE = -1;

const sequences = new ByShape<boolean>();

/** True for compounds that begin with SEQUENCE or CB_SEQUENCE. */
function beginsSession(shape: Shape): boolean {
  let found = sequences.get(shape);
  if (found === undefined) {
    found = ['SEQUENCE', 'CB_SEQUENCE'].includes(shape.kinds()[0]?.name ?? '');
    sequences.set(shape, found);
  }
  return found;
}

export class SessionSlots {
  /** Slots that left the table. */
  evicted = 0;
  /** By session, slot and which of both channels. */
  private readonly slots = new Recent<Slot>(MAX_SESSION_SLOTS, (slot) => {
    this.evicted++;
    this.forget(slot);
  });
  /** By the exchange that used them last. Once it has left the table, another exchange may have its number. */
  private readonly byExchange = new Map<number, Slot>();

  /** Takes a compound; returns the request that a call repeats. */
  follow(message: Message, { operations, shape }: Compound, end: number): readonly Related[] {
    if (!beginsSession(shape)) return NONE_RELATED;
    const first = operations[0];
    if (message.type !== CALL) {
      const slot = this.byExchange.get(message.exchange);
      const isOfCall = slot?.frame === message.callFrame && slot.file === message.callFile;
      if (isOfCall && first.statusNumber > 0) slot.sequence = NONE;
    } else if (message.retransmission === null && first.at + ARGUMENTS <= end) {
      return this.call(message, first.name, first.at);
    }
    return NONE_RELATED;
  }

  private call({ bytes, frame, file, exchange }: Message, name: string, at: number): readonly Related[] {
    const session = Buffer.from(bytes.buffer, bytes.byteOffset + at, SESSION_LENGTH).toString('latin1');
    const sequence = read32(bytes, at + SESSION_LENGTH);
    const key = `${name}${read32(bytes, at + SESSION_LENGTH + 4)}/${session}`;
    const known = this.slots.use(key);
    if (known?.sequence === sequence) return [{ kind: 'replay', frame: known.frame, file: known.file }];
    const slot = known ?? this.enter(key);
    this.forget(slot);
    this.byExchange.set(exchange, slot);
    slot.sequence = sequence;
    slot.frame = frame;
    slot.file = file;
    slot.exchange = exchange;
    return NONE_RELATED;
  }

  private forget(slot: Slot): void {
    if (this.byExchange.get(slot.exchange) === slot) this.byExchange.delete(slot.exchange);
  }

  private enter(key: string): Slot {
    const slot = { sequence: NONE, frame: 0, file: 0, exchange: NONE };
    this.slots.set(key, slot);
    return slot;
  }
}
