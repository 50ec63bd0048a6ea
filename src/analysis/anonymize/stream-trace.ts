/**
 * Knows which frames carry which bytes of a connection. It stands before the sink of the
 * stream and knows bytes by their position in their direction, as `Message.places` does.
 * Where a segment repeats earlier bytes, the copies are written like the first ones.
 */
import type { Direction, Flow } from '../../network/flow.js';
import type { Origin, Origins } from '../../network/origins.js';
import type { Rest } from '../../network/rest.js';
import type { Stamp } from '../../network/stamp.js';
import type { EndReason, SideStates, StreamSink } from '../../network/stream.js';
import type { Message } from '../../rpc/message.js';

/** The frames that can still be filled in. */
export interface Packets {
  readonly origins: Origins;
  readonly payloadStart: number;
  /** The bytes of this stream are being read. */
  enter(stream: StreamTrace): void;
  /** The stream has pieces in stored frames: its `forget` is to be called when frames are written. */
  follow(stream: StreamTrace): void;
  leave(stream: StreamTrace): void;
  isStored(order: number): boolean;
  /** Writes `bytes[from..to)` at `offset` of the frame; does nothing if the frame is not stored. */
  put(order: number, offset: number, bytes: Uint8Array, from: number, to: number): void;
  get(order: number, offset: number, length: number): Uint8Array;
}

/** Consecutive bytes of a direction, and their place in a frame. */
interface Piece extends Origin {
  position: number;
}

interface Side {
  /** Position of the next byte; counts missing bytes too. */
  passed: number;
  /** Sorted by position, without overlaps. */
  pieces: Piece[];
  /** The same bytes in frames that repeated them. */
  copies: Piece[];
  /** Positions below this one may be in frames that have been written. */
  forgotten: number;
}

/**
 * Pieces that a connection may keep at rest, some 20 bytes each.
 * After so long a silence nearly all of its frames have been written.
 */
const MOST_PIECES = 32;

const mark = Buffer.alloc(4);

const newSide = (): Side => ({ passed: 0, pieces: [], copies: [], forgotten: -1 });

export class StreamTrace implements StreamSink {
  private readonly sides: readonly [Side, Side] = [newSide(), newSide()];

  constructor(
    private readonly flow: Flow,
    private readonly sink: StreamSink,
    private readonly packets: Packets,
  ) {}

  get isQuiet(): boolean {
    const count = this.sides.reduce((sum, { pieces, copies }) => sum + pieces.length + copies.length, 0);
    return count <= MOST_PIECES && this.sink.isQuiet === true;
  }

  rest(rest: Rest): void {
    this.sink.rest?.(rest);
    this.keepAtRest(rest);
    this.packets.leave(this);
  }

  keepAtRest(rest: Rest): void {
    for (const side of this.sides) {
      side.passed = rest.integer(side.passed);
      side.forgotten = rest.integer(side.forgotten);
      for (const pieces of [side.pieces, side.copies]) keepPiecesAtRest(pieces, rest);
    }
  }

  begin(direction: Direction, fromStart: boolean): void {
    this.sink.begin(direction, fromStart);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, carrier: Stamp): void {
    const side = this.sides[direction];
    const { packets } = this;
    if (packets.isStored(carrier.order)) this.seenAgain(side, bytes, start);
    this.note(side.pieces, side.passed, packets.origins.find(bytes, start, end));
    side.passed += end - start;
    packets.enter(this);
    this.sink.data(direction, bytes, start, end, carrier);
  }

  skip(direction: Direction, length: number): void {
    this.sides[direction].passed += length;
    this.packets.enter(this);
    this.sink.skip(direction, length);
  }

  retransmission(direction: Direction, behind: number, length: number): void {
    this.sink.retransmission(direction, behind, length);
  }

  closing(): void {
    this.sink.closing?.();
  }

  ending(reason: EndReason, sides: SideStates): void {
    this.sink.ending?.(reason, sides);
  }

  end(reason: EndReason, sides: SideStates): void {
    this.packets.enter(this);
    this.sink.end(reason, sides);
    this.packets.leave(this);
  }

  /**
   * Writes the bytes and record marks of a message to the frames that
   * carried them. Returns false if one of these had been written.
   */
  put(message: Message, copy: Uint8Array): boolean {
    const side = this.sides[message.source === this.flow.source(0) ? 0 : 1];
    const { places } = message;
    for (let i = 0; i < places.length; i += 3) {
      const [from, position] = [places[i], places[i + 1]];
      const to = Math.min(places[i + 3] ?? copy.length, copy.length);
      mark.writeInt32BE(places[i + 2] | 0);
      this.putBytes(side, position - mark.length, mark, 0, mark.length);
      if (to > from) this.putBytes(side, position, copy, from, to);
    }
    return places.length === 0 || places[1] - 4 >= side.forgotten;
  }

  /** Removes the pieces of frames that have been written. Returns false if none are left. */
  forget(): boolean {
    let left = 0;
    for (const side of this.sides) {
      const kept = side.pieces.filter(({ order }) => this.packets.isStored(order));
      for (const { order, position, length } of side.pieces) {
        if (!this.packets.isStored(order)) side.forgotten = Math.max(side.forgotten, position + length);
      }
      side.pieces = kept;
      side.copies = side.copies.filter(({ order }) => this.packets.isStored(order));
      left += side.pieces.length + side.copies.length;
    }
    return left > 0;
  }

  private note(pieces: Piece[], position: number, origins: readonly Origin[]): void {
    let next = position;
    for (const origin of origins) {
      if (this.packets.isStored(origin.order)) {
        pieces.push({ ...origin, position: next });
        this.packets.follow(this);
      }
      next += origin.length;
    }
  }

  /**
   * Notes the bytes before `start` in the current segment, which
   * repeat the last ones of the direction, and fills them in.
   */
  private seenAgain(side: Side, bytes: Uint8Array, start: number): void {
    const { packets } = this;
    // A segment that waited for its turn, or came in IP fragments, lies in a separate buffer.
    if (!packets.origins.isFrame(bytes)) return;
    const seen = start - packets.payloadStart;
    if (seen <= 0 || side.passed < seen) return;
    const origins = packets.origins.find(bytes, packets.payloadStart, start);
    const [{ order, offset }] = origins;
    const position = side.passed - seen;
    this.note(side.copies, position, origins);
    for (let i = firstBehind(side.pieces, position); i < side.pieces.length; i++) {
      const piece = side.pieces[i];
      const from = Math.max(position, piece.position);
      const length = Math.min(side.passed, piece.position + piece.length) - from;
      const known = packets.get(piece.order, piece.offset + from - piece.position, length);
      packets.put(order, offset + from - position, known, 0, known.length);
    }
  }

  /** Writes `bytes[from..to)` at `position`. */
  private putBytes(side: Side, position: number, bytes: Uint8Array, from: number, to: number): void {
    const end = position + to - from;
    const { pieces, copies } = side;
    for (let i = firstBehind(pieces, position); i < pieces.length && pieces[i].position < end; i++) {
      this.putPiece(pieces[i], position, bytes, from, to);
    }
    for (const piece of copies) this.putPiece(piece, position, bytes, from, to);
  }

  private putPiece(piece: Piece, position: number, bytes: Uint8Array, from: number, to: number): void {
    const ahead = piece.position - position;
    const first = from + Math.max(0, ahead);
    const last = Math.min(to, from + ahead + piece.length);
    if (first < last) this.packets.put(piece.order, piece.offset + first - from - ahead, bytes, first, last);
  }
}

/** Keeps pieces at rest. */
function keepPiecesAtRest(pieces: Piece[], rest: Rest): void {
  const count = rest.integer(pieces.length);
  for (let i = 0; i < count; i++) {
    pieces[i] ??= { order: 0, offset: 0, length: 0, position: 0 };
    const piece = pieces[i];
    piece.order = rest.integer(piece.order);
    piece.offset = rest.integer(piece.offset);
    piece.length = rest.integer(piece.length);
    piece.position = rest.integer(piece.position);
  }
}

/** The index of the first piece that has bytes from `position` on. */
function firstBehind(pieces: readonly Piece[], position: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle].position + pieces[middle].length > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
