/**
 * A capture held as one classic pcap (microseconds) in memory, which can be moved on: `advance` shifts all times to after its end, and
 * the addresses of all who call, so that the next copy is other clients' traffic. Their xids need no change: a connection, or a
 * UDP caller, has its own. Checksums become wrong. Reads whatever rpcdump reads; frames of another link type than the first
 * are left out.
 */
import { openCapture } from '../src/capture/source.js';
import { linkDecoder } from '../src/network/link/index.js';
import { newLinkResult } from '../src/network/link/link.js';
import { TCP, UDP } from '../src/network/protocols.js';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Microseconds between the end of one copy and the start of the next. */
const PAUSE = 1_000_000;
/** Clients whose addresses differ in one byte only. */
const CLIENTS_A_NETWORK = 200;

/** The IP addresses of a frame, and whether its source is seen to call. */
interface Addresses {
  source: number;
  destination: number;
  size: number;
  calls: boolean;
}

export class Copies {
  frames = 0;
  private readonly pieces: Buffer[] = [];
  private readonly records: number[] = [];
  private length = FILE_HEADER;
  private bytes = Buffer.alloc(0);
  /** Offsets of the address bytes to shift. */
  private shifted: number[] = [];
  private readonly shiftedByFrame: number[][] = [];
  private span = 0;

  /** Reads at most `limit` frames. */
  static async read(path: string, limit = Infinity): Promise<Copies> {
    const copies = new Copies();
    const source = await openCapture(path);
    const { reader } = source;
    let linkType = -1;
    const take = () => {
      while (copies.frames < limit && reader.next()) {
        if (linkType < 0) linkType = reader.frame.linkType;
        if (reader.frame.linkType === linkType) copies.add(reader.frame);
      }
    };
    do take();
    while (copies.frames < limit && (await source.fill()));
    reader.finish();
    take();
    await source.close();
    copies.finish(linkType);
    return copies;
  }

  /** The file's bytes without its header, as they stand now. */
  get body(): Buffer {
    return this.bytes.subarray(FILE_HEADER);
  }

  get header(): Buffer {
    return this.bytes.subarray(0, FILE_HEADER);
  }

  advance(): void {
    for (const at of this.records) {
      const time = this.time(at) + this.span;
      this.bytes.writeUInt32LE(Math.floor(time / 1e6), at);
      this.bytes.writeUInt32LE(time % 1e6, at + 4);
    }
    for (const at of this.shifted) {
      if (this.bytes[at] === 255) this.bytes[at + 1]++;
      this.bytes[at]++;
    }
  }

  /** Frame `index` with its record header, as the `client`-th of several clients at once has it: only addresses differ. */
  frameOf(index: number, client: number): Buffer {
    const start = this.records[index];
    const end = this.records[index + 1] ?? this.bytes.length;
    const frame = Buffer.from(this.bytes.subarray(start, end));
    for (const at of this.shiftedIn(index)) {
      frame[at - start] += client % CLIENTS_A_NETWORK;
      frame[at - start + 1] += Math.floor(client / CLIENTS_A_NETWORK);
    }
    return frame;
  }

  /** The address bytes to shift in one frame. */
  private shiftedIn(index: number): readonly number[] {
    if (this.shiftedByFrame.length === 0) {
      let next = 0;
      for (let i = 0; i < this.frames; i++) {
        const end = this.records[i + 1] ?? this.bytes.length;
        const first = next;
        while (next < this.shifted.length && this.shifted[next] < end) next++;
        this.shiftedByFrame.push(this.shifted.slice(first, next));
      }
    }
    return this.shiftedByFrame[index];
  }

  private add(frame: {
    bytes: Uint8Array;
    start: number;
    end: number;
    seconds: number;
    nanoseconds: number;
    wireLength: number;
  }) {
    const record = Buffer.alloc(RECORD_HEADER);
    record.writeUInt32LE(frame.seconds, 0);
    record.writeUInt32LE(Math.floor(frame.nanoseconds / 1000), 4);
    record.writeUInt32LE(frame.end - frame.start, 8);
    record.writeUInt32LE(frame.wireLength, 12);
    this.pieces.push(record, Buffer.from(frame.bytes.subarray(frame.start, frame.end)));
    this.records.push(this.length);
    this.length += RECORD_HEADER + frame.end - frame.start;
    this.frames++;
  }

  private finish(linkType: number): void {
    const header = Buffer.alloc(FILE_HEADER);
    header.writeUInt32LE(0xa1b2c3d4, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(262144, 16);
    header.writeUInt32LE(linkType, 20);
    this.bytes = Buffer.concat([header, ...this.pieces]);
    this.pieces.length = 0;
    const times = this.records.map((at) => this.time(at));
    const last = times.reduce((most, time) => Math.max(most, time), 0);
    this.span = last - (times[0] ?? 0) + PAUSE;
    this.findShifted(linkType);
  }

  private time(at: number): number {
    return this.bytes.readUInt32LE(at) * 1e6 + this.bytes.readUInt32LE(at + 4);
  }

  private findShifted(linkType: number): void {
    const found = this.records.map((at) => this.addresses(at, linkType)).filter((each) => each !== null);
    const callers = new Set(found.filter((each) => each.calls).map((each) => this.text(each.source, each.size)));
    for (const { source, destination, size } of found) {
      for (const at of [source, destination]) if (callers.has(this.text(at, size))) this.shifted.push(at + 1);
    }
  }

  private text(at: number, size: number): string {
    return this.bytes.toString('latin1', at, at + size);
  }

  private addresses(record: number, linkType: number): Addresses | null {
    const { bytes } = this;
    const start = record + RECORD_HEADER;
    const end = start + bytes.readUInt32LE(record + 8);
    const link = newLinkResult();
    if (!linkDecoder(linkType)?.(bytes, start, end, link) || link.offset + 40 > end) return null;
    const ip = link.offset;
    const isV4 = link.etherType === 0x0800;
    const payload = isV4 ? ip + 4 * (bytes[ip] & 15) : ip + 40;
    const calls = this.isCall(isV4 ? bytes[ip + 9] : bytes[ip + 6], payload, end);
    return isV4
      ? { source: ip + 12, destination: ip + 16, size: 4, calls }
      : { source: ip + 8, destination: ip + 24, size: 16, calls };
  }

  /** True where a call begins with the segment or datagram (RFC 5531 §9: message type 0, RPC version 2). */
  private isCall(protocol: number, at: number, end: number): boolean {
    const { bytes } = this;
    if (at + 14 > end) return false;
    const message = protocol === UDP ? at + 8 : protocol === TCP ? at + 4 * (bytes[at + 12] >> 4) + 4 : end;
    return message + 12 <= end && bytes.readUInt32BE(message + 4) === 0 && bytes.readUInt32BE(message + 8) === 2;
  }
}
