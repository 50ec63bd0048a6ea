/**
 * Makes an anonymized copy of a message, of the same length. Numbers, lengths and discriminants
 * that the message's plans know stay as they are. Names, addresses, opaques, arrays of chars,
 * and numbers of users are replaced by substitutes. All other bytes are zero: security tokens
 * and checksums, padding, encrypted and undecodable bytes. A malformed field stays malformed.
 */
import type { Dissection } from '../../dissect/dissection.js';
import type { Dissector } from '../../dissect/dissector.js';
import { decodeAuth } from '../../dissect/opaque-auth.js';
import { type AuthPart, CALL, type Message, MSG_ACCEPTED, PROG_MISMATCH, RPC_MISMATCH } from '../../rpc/message.js';
import { padded, read32 } from '../../xdr/bytes.js';
import type { NumberPlan, OpaquePlan, Plan, StringPlan } from '../../xdr/plan.js';
import { decodeQuickly } from '../../xdr/quick-tree.js';
import type { Decoded, TreeNode } from '../../xdr/tree-node.js';
import type { Substitutes } from './substitutes.js';

/** Names of fields that hold numbers of users and groups; other such fields have the hint `user`. */
const USER_NUMBERS = /^((\w+_)?[ug]id|gids|groups)$/;
/** RFC 9289 §4.1: the body of an AUTH_NONE verifier that offers TLS. */
const STARTTLS = Buffer.from('STARTTLS', 'latin1');
const IMPOSSIBLE = 0xff;
const SMALLEST_BUFFER = 1 << 16;

export class MessageCopy {
  private message!: Message;
  private copy!: Uint8Array;
  /** The buffer of all copies. */
  private buffer: Uint8Array = new Uint8Array(SMALLEST_BUFFER);

  constructor(
    private readonly dissector: Dissector,
    private readonly substitutes: Substitutes,
  ) {}

  /**
   * The substitute of `message.bytes[start..end)` of the message that was dissected last; valid until the next call.
   */
  make(dissection: Dissection): Uint8Array {
    const { message, integrity } = dissection;
    this.message = message;
    const size = message.end - message.start;
    if (size > this.buffer.length) this.buffer = new Uint8Array(size * 2);
    this.copy = this.buffer.subarray(0, size).fill(0);
    if (message.type === CALL) this.callHeader(dissection);
    else this.replyHeader(dissection);
    if (integrity !== null) {
      this.keep(integrity.at, 8);
      if (integrity.checksum >= 0) this.keep(integrity.checksum, 4);
    }
    const decoded = this.dissector.decode(dissection, decodeQuickly);
    if (decoded !== null) this.decoded(decoded, dissection.extent.limit);
    return this.copy;
  }

  // The header (RFC 5531 §9)

  private callHeader(dissection: Dissection): void {
    this.keep(dissection.message.start, 24);
    this.auth('credential', dissection);
    this.auth('verifier', dissection);
  }

  private replyHeader(dissection: Dissection): void {
    const { message } = dissection;
    const { start, verifier, acceptStat } = message;
    this.keep(start, 12);
    if (message.replyStat !== MSG_ACCEPTED) {
      this.keep(start + 12, message.rejectStat === RPC_MISMATCH ? 12 : 8);
      return;
    }
    this.auth('verifier', dissection);
    if (acceptStat >= 0) this.keep(verifier.start + padded(verifier.length), acceptStat === PROG_MISMATCH ? 12 : 4);
  }

  private auth(part: AuthPart, dissection: Dissection): void {
    const { message } = dissection;
    const { flavor, start, length, limit } = message[part];
    if (flavor < 0) return;
    this.keep(start - 8, 8);
    const body = message.bytes.subarray(start, Math.max(start, Math.min(message.end, limit)));
    const decoded = decodeAuth(dissection, part, decodeQuickly);
    if (decoded !== null) this.decoded(decoded, limit);
    else if (STARTTLS.equals(body)) this.put(start, body);
    // AUTH_SHORT handles get a substitute, because their equality
    // means something; of checksums only the length matters.
    else if (part === 'credential' && length > 0) this.put(start, this.substitutes.bytes(body));
  }

  // Bodies

  private decoded({ root, fault }: Decoded, limit: number): void {
    if (root !== null) this.node(root, root.name);
    if (fault === null) return;
    const { bytes, end } = this.message;
    const { offset } = fault;
    if (fault.kind === 'malformed')
      this.put(offset, new Uint8Array(Math.max(0, Math.min(4, end - offset))).fill(IMPOSSIBLE));
    // Where a value is cut off, its length field may be there: it then exceeds the captured bytes, but not the message.
    else if (offset + 4 <= end) {
      const length = read32(bytes, offset);
      if (length > end - offset - 4 && length <= limit - offset - 4) this.keep(offset, 4);
    }
  }

  /** @param name The field's name; for elements, that of their array. */
  private node(node: TreeNode, name: string): void {
    const { plan, offset, length } = node;
    switch (plan.kind) {
      case 'int':
      case 'unsigned':
        return this.number(plan, offset, name);
      case 'hyper':
      case 'unsignedHyper':
      case 'float':
      case 'double':
      case 'quadruple':
      case 'enum':
      case 'bool':
      case 'bitmap':
        return this.keep(offset, length);
      case 'string':
        if (!plan.bare) this.keep(offset, 4);
        return this.put(plan.bare ? offset : offset + 4, this.string(plan, node.value as Uint8Array));
      case 'opaque':
        if (plan.length < 0) this.keep(offset, 4);
        return this.put(plan.length < 0 ? offset + 4 : offset, this.opaque(plan, node.value as Uint8Array));
      case 'list':
        if (!plan.leading) this.keep(offset, 4);
        for (const child of node.children) this.keepFlag(child.offset + child.length);
        break;
      case 'dictionary':
        // In an empty opaque there is not even the count.
        if (read32(this.message.bytes, offset - 4) > 0) this.keep(offset, 4);
        // The lengths of key and value.
        for (const pair of node.children) this.keep(pair.offset, 8);
        break;
      case 'array':
        if (plan.length < 0) this.keep(offset, 4);
        if (isChar(plan.element)) return this.chars(node, (bytes) => this.substitutes.bytes(bytes));
        break;
      case 'struct':
        // An IPv4 address in the form of BOOTPARAM: four chars.
        if (plan.fields.length === 4 && node.children.length === 4 && plan.fields.every((field) => isChar(field.plan)))
          return this.chars(node, (bytes) => this.substitutes.address(bytes));
        break;
      case 'optional':
      case 'typed':
      case 'body':
      case 'chosen':
        this.keep(offset, 4);
    }
    for (const child of node.children) this.node(child, child.name.startsWith('[') ? name : child.name);
  }

  private number({ display, user }: NumberPlan, offset: number, name: string): void {
    const { bytes } = this.message;
    if (display?.kind === 'address') this.put(offset, this.substitutes.address(bytes.subarray(offset, offset + 4)));
    else if (user || USER_NUMBERS.test(name))
      this.put(offset, this.substitutes.user(bytes.subarray(offset, offset + 4)));
    else this.keep(offset, 4);
  }

  /** Replaces bytes that take a word each. */
  private chars({ children }: TreeNode, substitute: (bytes: Uint8Array) => Uint8Array): void {
    const bytes = substitute(Uint8Array.from(children, ({ value }) => Number(value)));
    const word = Buffer.alloc(4);
    for (const [index, { offset, plan }] of children.entries()) {
      word.writeInt32BE(plan.kind === 'int' ? (bytes[index] << 24) >> 24 : bytes[index]);
      this.put(offset, word);
    }
  }

  private string({ role }: StringPlan, value: Uint8Array): Uint8Array {
    return role === undefined ? this.substitutes.text(value) : this.substitutes.name(value);
  }

  private opaque(plan: OpaquePlan, value: Uint8Array): Uint8Array {
    const { substitutes } = this;
    if (plan.role === 'filename') return substitutes.name(value);
    switch (plan.display?.kind) {
      case 'mechanism':
        return new Uint8Array(value.length);
      case 'port':
        return value;
      case 'text':
        return substitutes.filledText(value);
      case 'sockaddr':
        return substitutes.socketAddress(value);
      case 'address':
        return value.length === 4 || value.length === 16 ? substitutes.address(value) : substitutes.bytes(value);
      default:
        return substitutes.bytes(value);
    }
  }

  // Bytes

  /** Copies `length` original bytes at `at`, as far as they were captured. */
  private keep(at: number, length: number): void {
    const { bytes, end } = this.message;
    if (at < end) this.put(at, bytes.subarray(at, Math.min(end, at + length)));
  }

  /** Copies the flag behind an element of a list. If the element is cut, another field may be there. */
  private keepFlag(at: number): void {
    const { bytes, end } = this.message;
    if (at + 4 <= end && read32(bytes, at) === 1) this.keep(at, 4);
  }

  private put(at: number, bytes: Uint8Array): void {
    const to = at - this.message.start;
    if (to < this.copy.length) this.copy.set(bytes.subarray(0, this.copy.length - to), to);
  }
}

function isChar(plan: Plan): boolean {
  return (plan.kind === 'int' || plan.kind === 'unsigned') && /(char|int8_t)$/.test(plan.spelling);
}
