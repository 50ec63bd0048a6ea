/**
 * The reassembled message in hex and text (`-x`), sixteen bytes a line. Offsets count from
 * the xid, as in the tree. On a terminal the header has one colour, and the fields of the
 * body alternate between two, so that a field's bytes can be matched with the tree.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { Dissector } from '../dissect/dissector.js';
import type { Style, Styles } from '../terminal/style.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { plural } from '../xdr/plural.js';
import type { TreeNode } from '../xdr/tree-node.js';

const WIDTH = 16;
const PLAIN: Style = { open: '', close: '' };

/** A style and the offset in the message's buffer at which it begins; it lasts until the next region. */
interface Region {
  start: number;
  style: Style;
}

export class HexWriter {
  constructor(
    private readonly out: ByteWriter,
    private readonly dissector: Dissector,
    private readonly styles: Styles,
  ) {}

  /** Writes the bytes of the message that was dissected last, and an empty line. */
  write(dissection: Dissection): void {
    const { message } = dissection;
    const regions = this.regions(dissection);
    // The first region that begins behind the line's first byte.
    let next = 0;
    for (let at = message.start; at < message.end; at += WIDTH) {
      while (next < regions.length && regions[next].start <= at) next++;
      this.line(dissection, at, regions, next);
    }
    if (message.isTruncated) {
      const kept = message.isKeptInPart ? 'kept' : 'captured';
      this.out.ascii(`      (${plural(message.length - message.have, 'more byte')} not ${kept})\n`);
    }
    this.out.byte(0x0a);
  }

  /** The regions of a message, ascending. */
  private regions(dissection: Dissection): Region[] {
    const { styles } = this;
    if (styles.program.open === '') return [];
    const { message } = dissection;
    const regions: Region[] = [{ start: message.start, style: styles.program }];
    if (message.body >= 0) regions.push({ start: message.body, style: PLAIN });
    const root = this.dissector.decode()?.root;
    const leaves = root ? [...leavesOf(root)] : [];
    leaves.forEach((leaf, index) => {
      regions.push({ start: leaf.offset, style: index % 2 === 0 ? styles.reply : styles.bytes });
      regions.push({ start: leaf.offset + leaf.length, style: PLAIN });
    });
    return regions;
  }

  private line(dissection: Dissection, at: number, regions: Region[], next: number): void {
    const { out } = this;
    const { message } = dissection;
    const end = Math.min(at + WIDTH, message.end);
    out.ascii((at - message.start).toString(16).padStart(4, '0'));
    out.ascii('  ');
    this.styled(at, end, regions, next, (offset) => {
      out.hex(message.bytes, offset, offset + 1);
      out.ascii(offset - at === WIDTH / 2 - 1 ? '  ' : ' ');
    });
    for (let i = end - at; i < WIDTH; i++) out.ascii(i === WIDTH / 2 - 1 ? '    ' : '   ');
    out.byte(0x20);
    this.styled(at, end, regions, next, (offset) => {
      const byte = message.bytes[offset];
      out.byte(byte >= 0x20 && byte < 0x7f ? byte : 0x2e);
    });
    out.byte(0x0a);
  }

  /** Calls `write` for each byte, with the escape sequences of its region around it. */
  private styled(at: number, end: number, regions: Region[], first: number, write: (offset: number) => void): void {
    let next = first;
    let style = next > 0 ? regions[next - 1].style : PLAIN;
    this.enter(PLAIN, style);
    for (let offset = at; offset < end; offset++) {
      while (next < regions.length && regions[next].start <= offset) {
        this.enter(style, regions[next].style);
        style = regions[next++].style;
      }
      write(offset);
    }
    this.enter(style, PLAIN);
  }

  private enter(from: Style, to: Style): void {
    if (from === to) return;
    this.out.ascii(from.close);
    this.out.ascii(to.open);
  }
}

function* leavesOf(node: TreeNode): Generator<TreeNode> {
  if (node.children.length === 0) {
    if (node.length > 0) yield node;
    return;
  }
  for (const child of node.children) yield* leavesOf(child);
}
