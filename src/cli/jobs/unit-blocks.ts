/**
 * The memory that threads share: a ring of blocks of units (`rpc/unit-layout.ts`), each with room for the text
 * that is rendered ahead of its turn. The reading thread fills blocks in order, the writing thread takes them
 * in order. Any thread with time may claim the newest block between the two. A block goes from FREE to FILLED,
 * perhaps to CLAIMED and RENDERED, and back. Each state has one owner, so only the states need atomic access.
 */
import type { Time } from '../../analysis/account.js';
import { UNIT_BLOCK, UNIT_BLOCK_TEXT, UNIT_BLOCKS } from '../../limits/cli.js';
import { UnitMemory } from '../../rpc/unit-layout.js';

const FREE = 0;
const FILLED = 1;
const CLAIMED = 2;
const RENDERED = 3;

// Words of the control part, before the states and lengths of blocks.
const FILLED_COUNT = 0;
const IS_ENDED = 1;
const IS_STOPPED = 2;
const APART_BUSY = 3;
const WIDTHS = 4;
/** Number of columns of a list. */
export const WIDTH_COUNT = 5;
const STATES = WIDTHS + WIDTH_COUNT;
const LENGTHS = STATES + UNIT_BLOCKS;
const BLOCK_WIDTHS = LENGTHS + UNIT_BLOCKS;
const CONTROL_WORDS = BLOCK_WIDTHS + UNIT_BLOCKS * WIDTH_COUNT;

/** Offset of the time of the first frame, aligned for doubles; the blocks follow. */
const FIRST = Math.ceil((CONTROL_WORDS * 4) / 8) * 8;
const BLOCKS = FIRST + 16;
const STRIDE = UNIT_BLOCK + UNIT_BLOCK_TEXT;

/** How long a thread sleeps before it checks whether the others still run. */
const PATIENCE_MILLISECONDS = 50;

export class UnitBlocks {
  private readonly control: Int32Array;
  private readonly firstTime: Float64Array;
  /** The time of the first frame, known from the first block on. */
  readonly first: Time = { seconds: 0, nanoseconds: 0 };
  private readonly units: UnitMemory[] = [];
  private readonly texts: { bytes: Buffer; view: DataView }[] = [];

  constructor(readonly memory = new SharedArrayBuffer(BLOCKS + UNIT_BLOCKS * STRIDE)) {
    this.control = new Int32Array(memory, 0, CONTROL_WORDS);
    this.firstTime = new Float64Array(memory, FIRST, 2);
    for (let i = 0; i < UNIT_BLOCKS; i++) {
      const start = BLOCKS + i * STRIDE;
      this.units.push(new UnitMemory(memory, start, UNIT_BLOCK));
      const text = start + UNIT_BLOCK;
      this.texts.push({
        bytes: Buffer.from(memory, text, UNIT_BLOCK_TEXT),
        view: new DataView(memory, text, UNIT_BLOCK_TEXT),
      });
    }
  }

  // Blocks are numbered by how many were filled before

  unitsOf(block: number): UnitMemory {
    return this.units[block % UNIT_BLOCKS];
  }

  /** Number of words written to it. */
  lengthOf(block: number): number {
    return this.control[LENGTHS + (block % UNIT_BLOCKS)];
  }

  textOf(block: number): { bytes: Buffer; view: DataView } {
    return this.texts[block % UNIT_BLOCKS];
  }

  /** The widths that its text was made for. */
  widthsOf(block: number): Int32Array {
    const start = BLOCK_WIDTHS + (block % UNIT_BLOCKS) * WIDTH_COUNT;
    return this.control.subarray(start, start + WIDTH_COUNT);
  }

  isFree(block: number): boolean {
    return this.state(block) === FREE;
  }

  // The reading thread

  /** Sleeps until a block is free, the threads stop, or PATIENCE_MILLISECONDS have passed. */
  awaitFree(block: number): void {
    const state = this.state(block);
    if (this.isStopped) return;
    if (state !== FREE) this.sleep(STATES + (block % UNIT_BLOCKS), state);
    else if (this.isApartBusy) this.awaitApart();
  }

  /** @param hasText Its text has been rendered already. */
  fill(block: number, length: number, hasText: boolean): void {
    this.control[LENGTHS + (block % UNIT_BLOCKS)] = length;
    this.become(block, hasText ? RENDERED : FILLED);
    Atomics.store(this.control, FILLED_COUNT, block + 1);
    Atomics.notify(this.control, FILLED_COUNT);
  }

  /** No more blocks come. */
  end(): void {
    Atomics.store(this.control, IS_ENDED, 1);
    Atomics.notify(this.control, FILLED_COUNT);
    for (let i = 0; i < UNIT_BLOCKS; i++) Atomics.notify(this.control, STATES + i);
  }

  setFirst({ seconds, nanoseconds }: Time): void {
    this.firstTime[0] = seconds;
    this.firstTime[1] = nanoseconds;
    this.readFirst();
  }

  // The writing thread

  /** Waits for a block, and for the thread that renders it; null when no such block comes. */
  take(block: number): { hasText: boolean } | null {
    const index = STATES + (block % UNIT_BLOCKS);
    for (;;) {
      const state = this.state(block);
      this.readFirst();
      if (state === RENDERED) return { hasText: true };
      if (this.tryToClaim(block)) return { hasText: false };
      const isLast = Atomics.load(this.control, IS_ENDED) === 1 && Atomics.load(this.control, FILLED_COUNT) <= block;
      if ((state === FREE && isLast) || this.isStopped) return null;
      this.sleep(index, state);
    }
  }

  free(block: number): void {
    this.become(block, FREE);
  }

  /** Publishes the current column widths. */
  setWidths(widths: Int32Array): void {
    this.control.set(widths, WIDTHS);
  }

  // Threads that render ahead

  get widths(): Int32Array {
    return this.control.subarray(WIDTHS, WIDTHS + WIDTH_COUNT);
  }

  /**
   * Claims the newest block that no thread has claimed; -1 where there
   * is none. The block that the writing thread takes next is left to it.
   */
  claim(): number {
    const count = Atomics.load(this.control, FILLED_COUNT);
    const oldest = Math.max(0, count - UNIT_BLOCKS);
    for (let block = count - 1; block > oldest; block--) {
      if (this.state(block) === FREE || this.state(block - 1) === FREE) return -1;
      if (!this.tryToClaim(block)) continue;
      this.readFirst();
      return block;
    }
    return -1;
  }

  render(block: number): void {
    this.become(block, RENDERED);
  }

  /** Sleeps until another block is filled; false when none will be. */
  awaitFilled(): boolean {
    const count = Atomics.load(this.control, FILLED_COUNT);
    if (Atomics.load(this.control, IS_ENDED) === 1 || this.isStopped) return false;
    this.sleep(FILLED_COUNT, count);
    return true;
  }

  // All threads

  /** The output is closed, or a thread failed: there is nothing more to do. */
  get isStopped(): boolean {
    return Atomics.load(this.control, IS_STOPPED) === 1;
  }

  stop(): void {
    Atomics.store(this.control, IS_STOPPED, 1);
    for (let i = 0; i < UNIT_BLOCKS; i++) Atomics.notify(this.control, STATES + i);
    Atomics.notify(this.control, APART_BUSY);
    Atomics.notify(this.control, FILLED_COUNT);
  }

  // The memory for messages that are too large for a block: one at a time

  get isApartBusy(): boolean {
    return Atomics.load(this.control, APART_BUSY) === 1;
  }

  setApartBusy(isBusy: boolean): void {
    Atomics.store(this.control, APART_BUSY, isBusy ? 1 : 0);
    Atomics.notify(this.control, APART_BUSY);
  }

  awaitApart(): void {
    if (!this.isStopped) this.sleep(APART_BUSY, 1);
  }

  private readFirst(): void {
    this.first.seconds = this.firstTime[0];
    this.first.nanoseconds = this.firstTime[1];
  }

  private state(block: number): number {
    return Atomics.load(this.control, STATES + (block % UNIT_BLOCKS));
  }

  private tryToClaim(block: number): boolean {
    return Atomics.compareExchange(this.control, STATES + (block % UNIT_BLOCKS), FILLED, CLAIMED) === FILLED;
  }

  private become(block: number, state: number): void {
    const index = STATES + (block % UNIT_BLOCKS);
    Atomics.store(this.control, index, state);
    Atomics.notify(this.control, index);
  }

  private sleep(index: number, value: number): void {
    Atomics.wait(this.control, index, value, PATIENCE_MILLISECONDS);
  }
}

export function hasSameWidths(some: Int32Array, others: Int32Array): boolean {
  for (let i = 0; i < WIDTH_COUNT; i++) if (some[i] !== others[i]) return false;
  return true;
}
