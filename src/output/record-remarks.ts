/**
 * The last members of a record: retransmission, related messages, and what is missing, wrong or odd (docs/json.md).
 * Remarks from the header and body are collected while these are written; of several faults the first counts.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { Related } from '../dissect/related.js';
import type { Fault, Message } from '../rpc/message.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import type { Decoded, Undecoded } from '../xdr/tree-node.js';
import { KEYS } from './record-texts.js';

export class RecordRemarks {
  private malformed: Fault | null = null;
  private readonly notes: string[] = [];

  /** @param files Names of the inputs, when there are several. */
  constructor(
    private readonly out: ByteWriter,
    private readonly files: readonly string[] | null,
  ) {}

  /** Takes the remarks of a message before its record is written. */
  begin(message: Message): void {
    this.malformed = message.headerFault;
    if (this.notes.length > 0) this.notes.length = 0;
    if (message.notes.length > 0) this.notes.push(...message.notes);
  }

  get hasFault(): boolean {
    return this.malformed !== null;
  }

  get noteCount(): number {
    return this.notes.length;
  }

  /** Keeps the remarks of decoding. */
  add({ fault, notes }: Decoded, message: Message): void {
    if (fault !== null && fault.kind === 'malformed') {
      this.malformed ??= { offset: fault.offset - message.start, field: fault.path, reason: fault.reason };
    }
    for (const note of notes) this.notes.push(note);
  }

  /** Writes all remarks; `decoded` has those of the interpreter about the body. */
  write(dissection: Dissection, decoded: Decoded | null): void {
    const { message, extent } = dissection;
    if (decoded !== null) this.add(decoded, message);
    if (message.retransmission !== null) this.writeRetransmission(dissection);
    if (dissection.related.length > 0) this.writeRelated(dissection.related, message);
    if (message.isTruncated) this.out.ascii(`,"truncated":{"have":${message.have},"need":${message.length}}`);
    if (this.malformed !== null) this.writeMalformed(this.malformed);
    if (dissection.undecoded !== null) {
      this.writeUndecoded({ reason: dissection.undecoded }, extent.at, extent.limit, extent.end, message.bytes);
    } else if (decoded?.undecoded) {
      const { offset, length } = decoded.undecoded;
      this.writeUndecoded(decoded.undecoded, offset, offset + length, message.end, message.bytes);
    }
    if (this.notes.length > 0) this.writeNotes();
  }

  private writeRetransmission({ message, requestCache }: Dissection): void {
    const { out } = this;
    out.ascii(`,"retransmission":{"kind":"${message.retransmission}","frame":${message.retransmissionFrame}`);
    this.writeOtherFile(message.retransmissionFile, message);
    if (message.retransmission === 'duplicate_reply') out.ascii(`,"same_bytes":${message.sameBytes}`);
    if (requestCache !== null) out.ascii(`,"request_cache":"${requestCache}"`);
    out.byte(0x7d);
  }

  /** Writes the input that has a frame, where it is not that of the message. */
  private writeOtherFile(file: number, message: Message): void {
    if (file === message.file) return;
    this.out.text(KEYS.file);
    this.out.jsonName(this.files![file]);
  }

  private writeMalformed({ offset, field, reason }: Fault): void {
    const { out } = this;
    out.ascii(`,"malformed":{"offset":${offset},"field":`);
    out.jsonText(field);
    out.ascii(',"reason":');
    out.jsonText(reason);
    out.byte(0x7d);
  }

  private writeNotes(): void {
    const { out } = this;
    out.ascii(',"notes":[');
    this.notes.forEach((note, index) => {
      if (index > 0) out.byte(0x2c);
      out.jsonText(note);
    });
    out.byte(0x5d);
  }

  private writeRelated(related: readonly Related[], message: Message): void {
    const { out } = this;
    out.ascii(',"related":[');
    related.forEach(({ kind, frame, file, mechanism }, index) => {
      out.ascii(`${index > 0 ? ',' : ''}{"kind":"${kind}","frame":${frame}`);
      this.writeOtherFile(file, message);
      if (mechanism !== undefined) {
        out.text(KEYS.mechanism);
        out.jsonName(mechanism);
      }
      out.byte(0x7d);
    });
    out.byte(0x5d);
  }

  private writeUndecoded(
    { reason, place }: Pick<Undecoded, 'place'> & { reason: string },
    start: number,
    limit: number,
    end: number,
    bytes: Uint8Array,
  ): void {
    const { out } = this;
    out.ascii(`,"undecoded":{"reason":"${reason}"`);
    if (place !== undefined) out.ascii(`,"operation":${place.operation},"index":${place.index}`);
    out.ascii(`,"length":${limit - start},"data":"`);
    out.hex(bytes, start, Math.max(start, Math.min(end, limit)));
    out.ascii('"}');
  }
}
