/**
 * Selects the frames that `-w` writes: those that carried a selected message, those of the other
 * message of its exchange, the one that opened its connection, and those that ended it, if the call has no reply. A
 * frame is known by its order over all inputs, at one bit each. The frames of each exchange's call are remembered, because
 * its reply may be selected; and whether the reply is needed, because the call was selected.
 */
import { MAX_CLOSED_CONNECTIONS, MAX_FRAGMENTED_SEGMENTS, MAX_RESENT_FRAMES } from '../limits/export.js';
import { CALL, type Message } from '../rpc/message.js';
import { FrameComments } from './frame-comments.js';

/** The order of one frame, as for most messages, or of several. */
type Orders = number | readonly number[];

/** Frames of a call's resends; `dropped`: how many more there were. */
interface Resends {
  orders: number[];
  dropped: number;
}

/** A FIN of each side and an RST; more of them say nothing new. */
const MAX_CLOSINGS = 4;

export class FrameSelection {
  private bits = new Uint8Array(4096);
  private readonly comments = new FrameComments();
  /**
   * Frames of each exchange's call, in its first transmission, by the
   * exchange's slot. Slots are reused in turn, so arrays stay small.
   */
  private readonly calls: (Orders | undefined)[] = [];
  /** The same of all other transmissions, and how many frames these are. */
  private readonly resends = new Map<number, Resends>();
  private resentFrames = 0;
  /**
   * Frames of the newest TCP segments that came in IP fragments, by the last of them: messages know only that one.
   */
  private readonly fragments = new Map<number, readonly number[]>();
  /** Whether the reply of an exchange is needed, and the connection of its call, by its slot. */
  private readonly awaited: boolean[] = [];
  private readonly connections: number[] = [];
  /** Frames with a FIN or an RST of the connections that ended last, by connection. */
  private readonly closings = new Map<number, number[]>();
  selected = 0;
  /** Frames of selected calls' resends for which there was no room. */
  droppedResends = 0;

  /** @param onMark Called with each frame when it is first needed. */
  constructor(
    private readonly onMark: (order: number) => void = () => {},
    private readonly mostResent = MAX_RESENT_FRAMES,
  ) {}

  /** Must be called for every message. `comment` returns its summary and is called if the message is selected. */
  message(message: Message, isSelected: boolean, comment: () => string): void {
    if (message.type === CALL) this.call(message, isSelected);
    else this.reply(message, isSelected);
    if (isSelected) this.select(message, comment);
  }

  /** Must be called for every TCP segment that came in IP fragments, before its messages. */
  segmentInFragments(orders: readonly number[]): void {
    const { fragments } = this;
    fragments.set(Math.max(...orders), [...orders]);
    if (fragments.size > MAX_FRAGMENTED_SEGMENTS) forgetOldest(fragments);
  }

  /** Must be called for every frame that ends a connection. */
  closing(connection: number, order: number): void {
    const orders = this.closings.get(connection);
    if (orders === undefined) this.closings.set(connection, [order]);
    else if (orders.length < MAX_CLOSINGS) orders.push(order);
    if (this.closings.size > MAX_CLOSED_CONNECTIONS) forgetOldest(this.closings);
  }

  /** Must be called for every exchange whose connection ended without a reply. */
  connectionEnded(exchange: number): void {
    if (this.awaited[exchange]) this.markClosings(this.connections[exchange]);
  }

  /** Selects the frames that ended a connection. */
  markClosings(connection: number): void {
    this.markAll(this.closings.get(connection) ?? []);
  }

  /** Selects a message that was passed before, with all transmissions of its call. */
  selectKept(message: Message, comment: () => string): void {
    if (message.exchange >= 0) this.markCall(message.exchange);
    this.select(message, comment);
  }

  /** Frees what only further messages need; the marks and comments stay. */
  finish(): void {
    this.calls.length = 0;
    this.resends.clear();
    this.fragments.clear();
    this.closings.clear();
    this.awaited.length = 0;
    this.connections.length = 0;
  }

  isMarked(order: number): boolean {
    return (this.bits[order >> 3] & (1 << (order & 7))) !== 0;
  }

  commentsOf(order: number): readonly string[] {
    return this.comments.of(order);
  }

  /** Comments beyond the bound. */
  get droppedComments(): number {
    return this.comments.dropped;
  }

  private select(message: Message, comment: () => string): void {
    this.selected++;
    this.markAll(framesOf(message));
    if (message.opening >= 0) this.mark(message.opening);
    this.comments.add(message.order, message.number, comment);
  }

  private call(message: Message, isSelected: boolean): void {
    const { exchange } = message;
    if (exchange < 0) return;
    // A slot is reused for another exchange; a call that was sent
    // again belongs to the exchange of its first transmission.
    if (message.retransmission === null) {
      this.calls[exchange] = framesOf(message);
      if (this.resends.size > 0) this.forgetResends(exchange);
      this.awaited[exchange] = false;
      this.connections[exchange] = message.connection;
    } else if (!isSelected) this.addResend(message);
    if (!isSelected) return;
    this.awaited[exchange] = true;
    this.markCall(exchange);
  }

  /** Adds the frames of another transmission of a call; `select` marks those of one that is selected itself. */
  private addResend(message: Message): void {
    const resends = this.resends.get(message.exchange) ?? { orders: [], dropped: 0 };
    this.resends.set(message.exchange, resends);
    const frames = [framesOf(message)].flat();
    if (this.resentFrames + frames.length > this.mostResent) resends.dropped += frames.length;
    else {
      for (const order of frames) resends.orders.push(order);
      this.resentFrames += frames.length;
    }
  }

  private forgetResends(exchange: number): void {
    this.resentFrames -= this.resends.get(exchange)?.orders.length ?? 0;
    this.resends.delete(exchange);
  }

  private reply(message: Message, isSelected: boolean): void {
    const { exchange } = message;
    if (exchange < 0) return;
    if (this.awaited[exchange]) this.markAll(framesOf(message));
    if (isSelected) this.markCall(exchange);
  }

  /** Marks all transmissions of a call. */
  private markCall(exchange: number): void {
    this.markAll(this.calls[exchange] ?? []);
    const resends = this.resends.get(exchange);
    if (resends === undefined) return;
    this.markAll(resends.orders);
    this.droppedResends += resends.dropped;
    resends.dropped = 0;
  }

  private markAll(orders: Orders): void {
    if (typeof orders === 'number') this.mark(orders);
    else for (const order of orders) this.mark(order);
  }

  private mark(order: number): void {
    if (this.isMarked(order)) return;
    const at = order >> 3;
    if (at >= this.bits.length) {
      const grown = new Uint8Array(Math.max(at + 1, this.bits.length * 2));
      grown.set(this.bits);
      this.bits = grown;
    }
    this.bits[at] |= 1 << (order & 7);
    this.onMark(order);
    if (this.fragments.size > 0) this.markAll(this.fragments.get(order) ?? []);
  }
}

function forgetOldest(map: Map<number, unknown>): void {
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

function framesOf({ frameCount, carriers, order }: Message): Orders {
  return frameCount > 1 ? [...carriers, order] : order;
}
