/**
 * The main thread of several (`--jobs`): makes the ordered pass up to messages, and hands these to the thread that writes, as units in
 * blocks. Where that one falls behind, the main thread renders what it can of the next block while it fills it, and, once no block is free, of
 * those that wait; with more than two jobs, others do so too. What goes wrong in a thread goes wrong here.
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { DissectorLibrary } from '../../dissect/library.js';
import type { Inspection } from '../../index.js';
import { MAX_EXCHANGES, MAX_WAITING_UNIT_BLOCKS, SPARE_UNIT_BLOCKS, UNIT_BLOCK } from '../../limits.js';
import type { Message } from '../../rpc/message.js';
import { UnitWriter } from '../../rpc/unit-writer.js';
import { UsageError } from '../exit.js';
import type { RenderTask } from './rendering.js';
import { UnitAhead } from './unit-ahead.js';
import { UnitBlocks } from './unit-blocks.js';
import { NOTHING, type OutputReport } from './unit-output.js';

/** Beside main.cjs, as the build leaves it. */
const WORKER = fileURLToPath(new URL('worker.cjs', import.meta.url));

/** What a thread is started with. */
export interface WorkerTask {
  role: 'output' | 'ahead';
  memory: SharedArrayBuffer;
  task: RenderTask;
}

/** What a thread says at its end. */
export interface WorkerReport extends OutputReport {
  /** What it could not go on for. */
  error?: { isUsage: boolean; text: string };
}

export class UnitsReader {
  private readonly blocks = new UnitBlocks();
  private readonly writer = new UnitWriter(MAX_EXCHANGES);
  /** The block that is being filled. */
  private block = 0;
  /** Blocks before this one are known to be free, or are filled: only this thread fills them. */
  private free = 0;
  /** The memory of messages that are apart may be in use. */
  private hasApart = false;
  private shown = 0;
  private apart: Uint8Array = new Uint8Array(0);
  private readonly output: Worker;
  private readonly reports: Promise<WorkerReport>[];
  private ahead!: UnitAhead;
  /** The first block that was not free when last looked at, and how many may wait before this thread renders too. */
  private waiting = 0;
  private readonly patience: number;
  /** The units of the block being filled are rendered as they are written. */
  private isRendering = false;

  private constructor(
    jobs: number,
    private readonly inspection: Inspection,
    private readonly task: RenderTask,
  ) {
    this.patience = MAX_WAITING_UNIT_BLOCKS * (jobs - 1);
    this.output = this.newWorker('output');
    const others = Array.from({ length: jobs - 2 }, () => this.newWorker('ahead'));
    this.reports = [this.output, ...others].map((worker) => this.reportOf(worker));
    this.writer.begin(this.blocks.unitsOf(0));
  }

  /** Starts the other threads. @param library The main thread's own. */
  static async start(
    jobs: number,
    inspection: Inspection,
    task: RenderTask,
    library: DissectorLibrary,
  ): Promise<UnitsReader> {
    const reader = new UnitsReader(jobs, inspection, task);
    reader.ahead = await UnitAhead.start(reader.blocks, task, library);
    return reader;
  }

  /** Hands a message on. */
  take(message: Message): void {
    const { blocks, writer, inspection, task } = this;
    const isApart = message.have > UNIT_BLOCK / 2;
    if (isApart) this.putApart(message);
    const isFull = !writer.hasRoom(message, isApart);
    if (isFull) this.nextBlock();
    // What waited may have waited in vain: its block is not free then.
    if ((isFull || isApart) && blocks.isStopped) return inspection.stop();
    if (this.shown === 0) blocks.setFirst(inspection.first);
    writer.write(message, { hasInterfaces: inspection.hasInterfaces(message.file), isApart });
    if (this.isRendering) this.ahead.renderWritten(writer.unit, message);
    if (++this.shown === task.options.count) inspection.stop();
  }

  /** Reads to the end. Between frames it waits for room, so that Ctrl-C and the end of a thread are heard of. */
  async read(): Promise<void> {
    const { blocks, inspection } = this;
    for await (const _ of inspection.turns(() => !this.hasRoom)) {
      while (!this.hasRoom && !blocks.isStopped) {
        // The message that is apart has to be written before there is room for another one.
        if (this.hasApart && this.writer.length > 0 && blocks.isFree(this.block + 1)) this.nextBlock();
        else if (!this.help()) blocks.awaitFree(this.hasApart ? this.block + 1 : this.block + SPARE_UNIT_BLOCKS);
        await turn();
      }
      if (blocks.isStopped) inspection.stop();
    }
  }

  /** Waits until all is written. @throws What ended a thread. */
  async end(): Promise<OutputReport> {
    const { blocks } = this;
    if (this.writer.length > 0) this.nextBlock();
    this.isRendering = false;
    blocks.end();
    while (this.help()) await turn();
    const reports = await Promise.all(this.reports);
    const error = reports.find((report) => report.error !== undefined)?.error;
    if (error?.isUsage) throw new UsageError(error.text);
    if (error !== undefined) throw new ThreadError(error.text);
    return reports[0];
  }

  /**
   * So many blocks are free behind the one being filled that a frame seldom has more messages than find room in them. Where it has, this
   * thread waits without hearing of anything.
   */
  private get hasRoom(): boolean {
    const { blocks, block } = this;
    if (this.hasApart) this.hasApart = blocks.isApartBusy;
    const last = block + SPARE_UNIT_BLOCKS;
    // They are freed in order.
    if (this.free <= last && blocks.isFree(last)) this.free = last + 1;
    return this.free > last && !this.hasApart;
  }

  /** Hands the block on, and goes to the next once it is free. */
  private nextBlock(): void {
    const { blocks, writer, ahead } = this;
    blocks.fill(this.block++, writer.length, this.isRendering);
    this.isRendering = false;
    while (!blocks.isFree(this.block) && !blocks.isStopped) {
      if (!this.help()) blocks.awaitFree(this.block);
    }
    writer.begin(blocks.unitsOf(this.block));
    this.isRendering = ahead.isAble && this.isOutputBehind;
    if (this.isRendering) ahead.begin(this.block);
  }

  private get isOutputBehind(): boolean {
    // They are freed in order.
    while (this.waiting < this.block && this.blocks.isFree(this.waiting)) this.waiting++;
    return this.block - this.waiting >= this.patience;
  }

  /** Renders what it can of a block that waits; false where none does, or the one being filled has the renderer. */
  private help(): boolean {
    return !this.isRendering && this.ahead.help();
  }

  /** Puts the bytes of a message into the memory of their own, once the last message there was written. */
  private putApart({ bytes, start, end, have }: Message): void {
    const { blocks } = this;
    if (blocks.isApartBusy && this.writer.length > 0) this.nextBlock();
    while (blocks.isApartBusy && !blocks.isStopped) if (!this.help()) blocks.awaitApart();
    if (this.apart.length < have) {
      const memory = new SharedArrayBuffer(2 ** Math.ceil(Math.log2(have)));
      this.apart = new Uint8Array(memory);
      this.output.postMessage(memory);
    }
    this.apart.set(bytes.subarray(start, end));
    this.hasApart = true;
    blocks.setApartBusy(true);
  }

  private newWorker(role: WorkerTask['role']): Worker {
    const workerData: WorkerTask = { role, memory: this.blocks.memory, task: this.task };
    return new Worker(WORKER, { workerData });
  }

  /** What a thread reports; that it ended without a word is an error too. */
  private reportOf(worker: Worker): Promise<WorkerReport> {
    return new Promise((resolve) => {
      const fail = (text: string) => {
        this.blocks.stop();
        resolve({ ...NOTHING, error: { isUsage: false, text } });
      };
      worker.on('message', resolve);
      worker.on('error', (error) => fail(error.stack ?? error.message));
      worker.on('exit', () => fail('a thread ended before its time'));
    });
  }
}

/** Lets the event loop go round. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What went wrong in another thread; `stack` is that thread's. */
class ThreadError extends Error {
  constructor(text: string) {
    super(text);
    this.stack = text;
  }
}
