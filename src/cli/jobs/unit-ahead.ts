/**
 * Renders units ahead of their turn, if their text depends on nothing that is learned from earlier
 * messages. The name of a file handle may change, so a message that shows one waits for its turn.
 * So do calls that teach names, replies whose bodies depend on their calls, and unusual messages.
 */
import type { Dissection } from '../../dissect/dissection.js';
import type { DissectorLibrary } from '../../dissect/library.js';
import { HandlesOnly } from '../../dissect/names/handles-only.js';
import { NLM } from '../../dissect/nlm-links.js';
import type { Procedure } from '../../dissect/procedure.js';
import { isCacheable } from '../../dissect/request-cache.js';
import { MAX_KNOWN_KINDS, MAX_RENDERED_AHEAD } from '../../limits/cli.js';
import { isTransient } from '../../rpc/callback-programs.js';
import { CALL, type Message } from '../../rpc/message.js';
import { KINDS_A_PROGRAM, type UnitReader } from '../../rpc/unit-reader.js';
import { ByteWriter } from '../../xdr/byte-writer.js';
import { newRendering, type Rendering, type RenderTask } from './rendering.js';
import { hasSameWidths, type UnitBlocks, WIDTH_COUNT } from './unit-blocks.js';

/** Knows no names, but notes that one was asked for. */
class AskedNames extends HandlesOnly {
  isAsked = false;

  override begin(): void {}

  protected override find(): null {
    this.isAsked = true;
    return null;
  }
}

export class UnitAhead {
  /** The column widths that are expected when the block's turn comes. */
  private readonly widths = new Int32Array(WIDTH_COUNT);
  private readonly after = new Int32Array(WIDTH_COUNT);
  /** The greatest width seen of each column. */
  private readonly grown = new Int32Array(WIDTH_COUNT);
  private readonly kinds = new Kinds();
  /** The buffer for the block's text. */
  private text: { bytes: Buffer; view: DataView } | null = null;

  private constructor(
    private readonly blocks: UnitBlocks,
    private readonly rendering: Rendering,
    private readonly buffer: ByteWriter,
    private readonly names: AskedNames | null,
  ) {}

  static async start(blocks: UnitBlocks, task: RenderTask, library?: DissectorLibrary): Promise<UnitAhead> {
    const names = task.options.names ? new AskedNames() : null;
    const buffer = new ByteWriter(0);
    const options = {
      ...task.options,
      format: task.options.format === 'json' ? 'ndjson' : task.options.format,
    } as const;
    const rendering = await newRendering(blocks, { ...task, options }, names, buffer, library);
    return new UnitAhead(blocks, rendering, buffer, names);
  }

  /** Renders what it can of one block; false where no block waits. */
  help(): boolean {
    const { blocks } = this;
    const { reader } = this.rendering;
    if (!this.isAble) return false;
    const block = blocks.claim();
    if (block < 0) return false;
    this.begin(block, blocks.lengthOf(block));
    while (this.hasRoom && reader.advance()) if (this.isWorthATry) this.render(reader.read());
    blocks.render(block);
    return true;
  }

  /** False where nothing can be rendered ahead: with a filter, or in a format that cannot take the text. */
  get isAble(): boolean {
    const { document, filter } = this.rendering;
    return document.take !== undefined && filter === null;
  }

  /** Begins a block. If its units are still to be written, `renderWritten` renders each of them. */
  begin(block: number, length = 0): void {
    const { blocks, widths, grown } = this;
    blocks.widths.forEach((width, i) => {
      widths[i] = Math.max(grown[i], width);
    });
    blocks.widthsOf(block).set(widths);
    this.text = blocks.textOf(block);
    this.buffer.writeInto(this.text.bytes, this.text.view);
    this.rendering.reader.begin(blocks.unitsOf(block), length);
  }

  /** Renders a message that was just written as a unit, at this word of the current block, if it can. */
  renderWritten(unit: number, message: Message): void {
    if (!this.hasRoom) return;
    this.rendering.reader.goTo(unit);
    if (this.isWorthATry) this.render(message);
  }

  /** False after the text outgrew the block's buffer: then the writer has replaced it by a larger one. */
  private get hasRoom(): boolean {
    return this.buffer.bytes === this.text?.bytes;
  }

  private get isWorthATry(): boolean {
    const { reader } = this.rendering;
    return reader.isPlain && reader.have <= MAX_RENDERED_AHEAD && this.kinds.mayBeFree(reader);
  }

  /** Renders the unit that `reader` is at; `message` is its contents. */
  private render(message: Message): void {
    const { buffer, names } = this;
    const { bytes } = buffer;
    const { reader, dissector, document } = this.rendering;
    const dissection = dissector.dissect(message);
    if (!this.isFree(dissection)) return this.kinds.exclude(reader);
    if (isFailedCompound(dissection)) return;
    const start = buffer.length;
    if (names !== null) names.isAsked = false;
    document.columns?.takeWidths(this.widths);
    document.write(dissection);
    const isKept = names?.isAsked !== true && buffer.bytes === bytes && !this.grew();
    if (isKept) reader.setText(start, buffer.length);
    else buffer.length = start;
  }

  /** True where the text depends on the message only. */
  private isFree({ procedure, message }: Dissection): boolean {
    const { program } = message;
    if (procedure === null || program === NLM || isTransient(program) || isCacheable(message)) return false;
    return message.type === CALL ? this.isFreeCall(procedure) : this.isFreeReply(procedure);
  }

  private isFreeCall({ callHandles, operations, nameLesson, contextPaths }: Procedure): boolean {
    // A compound may repeat a request of its session.
    if (operations !== null || contextPaths.length > 0) return false;
    return this.names === null || (callHandles.length === 0 && nameLesson === null);
  }

  private isFreeReply({ replyHandles, contextPaths }: Procedure): boolean {
    return contextPaths.length === 0 && (this.names === null || replyHandles.length === 0);
  }

  /**
   * True where a column became wider. The texts made so far no longer
   * fit, so those of the next block are made for the wider columns.
   */
  private grew(): boolean {
    const { widths, after } = this;
    const { columns } = this.rendering.document;
    if (columns === undefined) return false;
    columns.copyWidths(after);
    if (hasSameWidths(after, widths)) return false;
    this.grown.set(after.map((width, i) => Math.max(width, this.grown[i])));
    return true;
  }
}

/** The session must learn that the request did not count. */
function isFailedCompound({ compound, error }: Dissection): boolean {
  return compound !== null && (error !== false || compound.operations[0]?.statusNumber !== 0);
}

/** Procedures, by program, without a message that can be rendered ahead; each is found once. */
class Kinds {
  private readonly programs = new Map<number, Uint8Array>();
  private program = -1;
  private excluded: Uint8Array = new Uint8Array(KINDS_A_PROGRAM);

  mayBeFree(reader: UnitReader): boolean {
    const { program, kind } = reader;
    if (program < 0 || kind < 0) return false;
    if (program !== this.program) this.turnTo(program);
    return this.excluded[kind] === 0;
  }

  /** Excludes the procedure that `mayBeFree` was last called for. */
  exclude(reader: UnitReader): void {
    this.excluded[reader.kind] = 1;
  }

  private turnTo(program: number): void {
    let known = this.programs.get(program);
    if (known === undefined) {
      if (this.programs.size >= MAX_KNOWN_KINDS) this.programs.clear();
      known = new Uint8Array(KINDS_A_PROGRAM);
      this.programs.set(program, known);
    }
    this.program = program;
    this.excluded = known;
  }
}
