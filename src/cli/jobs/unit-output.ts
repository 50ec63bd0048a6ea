/**
 * The thread that writes. It takes the blocks in order and learns from every message as a single thread would
 * (names, contexts, callbacks). It writes each message, or its text that was rendered ahead. That text is used
 * if it is the same that would be written now, that is if the columns have the widths that it was made for.
 */
import { Names } from '../../dissect/names.js';
import { ByteWriter } from '../../xdr/byte-writer.js';
import { StandardOutput } from '../standard-output.js';
import { newRendering, type Rendering, type RenderTask } from './rendering.js';
import { hasSameWidths, type UnitBlocks, WIDTH_COUNT } from './unit-blocks.js';

/** What only the writing thread knows at the end. */
export interface OutputReport {
  /** How many handles and names were forgotten, and how many contexts. */
  evictedNames: number;
  evictedContexts: number;
  /** The filter's hints about what its author may have meant. */
  hints: string[];
}

export const NOTHING: OutputReport = { evictedNames: 0, evictedContexts: 0, hints: [] };

export class UnitOutput {
  private readonly output = new StandardOutput(new ByteWriter(), false);
  private readonly widths = new Int32Array(WIDTH_COUNT);
  private selects: ((dissection: Parameters<Rendering['document']['write']>[0]) => boolean) | null = null;
  private rendering!: Rendering;
  /** The memory of the current message that is too large for a block. */
  private apart: Uint8Array = new Uint8Array(0);

  /** @param nextApart Returns the next such memory, when the last one is too small. */
  private constructor(
    private readonly blocks: UnitBlocks,
    private readonly names: Names | null,
    private readonly nextApart: () => SharedArrayBuffer,
  ) {}

  /** Writes all blocks. */
  static async write(blocks: UnitBlocks, task: RenderTask, nextApart: () => SharedArrayBuffer): Promise<OutputReport> {
    const output = new UnitOutput(blocks, task.options.names ? new Names() : null, nextApart);
    const rendering = await newRendering(blocks, task, output.names, output.output.buffer);
    output.rendering = rendering;
    output.selects = rendering.filter?.forMessages(rendering.dissector) ?? null;
    output.writeAll();
    return {
      evictedNames: output.names?.evicted ?? 0,
      evictedContexts: rendering.dissector.evictedContexts,
      hints: rendering.filter?.hints.lines ?? [],
    };
  }

  private writeAll(): void {
    const { blocks, output } = this;
    const { document } = this.rendering;
    document.begin();
    for (let block = 0; ; block++) {
      const taken = blocks.take(block);
      if (taken === null) break;
      this.writeBlock(block, taken.hasText);
      blocks.free(block);
      if (output.isClosed) return blocks.stop();
    }
    document.end();
    output.flush();
  }

  private writeBlock(block: number, hasText: boolean): void {
    const { blocks, output, widths } = this;
    const { reader, document } = this.rendering;
    const { view } = blocks.textOf(block);
    const textWidths = blocks.widthsOf(block);
    reader.begin(blocks.unitsOf(block), blocks.lengthOf(block));
    let fits = hasText && this.hasWidths(textWidths);
    while (reader.advance() && !output.isClosed) {
      if (fits && reader.textEnd > 0) this.take(view);
      else {
        this.writeUnit();
        // A column may have become wider.
        if (hasText) fits = this.hasWidths(textWidths);
      }
      output.drain();
    }
    document.columns?.copyWidths(widths);
    blocks.setWidths(widths);
  }

  private hasWidths(expected: Int32Array): boolean {
    const { columns } = this.rendering.document;
    if (columns === undefined) return true;
    columns.copyWidths(this.widths);
    return hasSameWidths(this.widths, expected);
  }

  /** Takes the text that was rendered ahead, and still learns from its message. */
  private take(text: DataView): void {
    const { reader, calls, document, dissector } = this.rendering;
    if (reader.isCall || dissector.isAwaited(reader.exchange)) {
      const message = reader.read();
      calls.enter(message);
      dissector.dissect(message);
    }
    document.take!(text, reader.textStart, reader.textEnd);
  }

  private writeUnit(): void {
    const { reader, calls, dissector, document } = this.rendering;
    const { isApart } = reader;
    const message = reader.read(isApart ? this.apartOf(reader.have) : null);
    calls.enter(message);
    const dissection = dissector.dissect(message);
    if (this.selects === null || this.selects(dissection)) document.write(dissection);
    else document.pass?.(dissection);
    if (isApart) this.blocks.setApartBusy(false);
  }

  private apartOf(length: number): Uint8Array {
    if (this.apart.length < length) this.apart = new Uint8Array(this.nextApart());
    return this.apart;
  }
}
