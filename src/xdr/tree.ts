/**
 * The interpreter: turns XDR bytes (RFC 4506) by a plan into a tree of every field with its offset, length and value.
 * It is the oracle for all compiled products, and the one place that explains what is wrong with bytes.
 *
 * Decoding ends at the first fault; what was read before it stays in the tree. A fault is `truncated` when the bytes
 * were not captured, `malformed` when bytes that are there cannot be right. What XDR forbids but a reader can step over
 * (padding that is not zero, a length over its declared bound, trailing bytes) is a note.
 */
import { MAX_BITMAP_WORDS, MAX_DEPTH, MAX_EMPTY_ELEMENTS } from '../limits/xdr.js';
import { padded, read32, readInt32 } from './bytes.js';
import { chosenPlan } from './chosen.js';
import { LEAST_PAIR } from './contents.js';
import {
  type ArrayPlan,
  type BitmapPlan,
  type BodyPlan,
  type ChosenPlan,
  type DictionaryPlan,
  endOfText,
  type FieldPlan,
  type ListPlan,
  leastSize,
  type OpaquePlan,
  type Operand,
  type Plan,
  type StringPlan,
  type StructPlan,
  type TypedPlan,
  type UnionPlan,
} from './plan.js';
import { byteCount, bytesFollow, exceedsBound, remainingBytes } from './plural.js';
import type { Decoded, DecodeFault, Input, Leaf, TreeNode } from './tree-node.js';
import { Stop, TreeReader } from './tree-reader.js';

/** Decodes a body. `path` is the root's name in error paths (`args`, `result`). Never throws. */
export function decodeTree(plan: Plan, input: Input, path: string): Decoded {
  return new Interpreter(input, path).run(plan);
}

class Interpreter extends TreeReader {
  private depth = 0;
  private emptyElements = 0;
  /** The fields read so far of each enclosing struct and union, the innermost last. */
  private readonly scopes: TreeNode[][] = [];
  private innerFault: DecodeFault | null = null;
  private undecoded: Decoded['undecoded'] = null;

  run(plan: Plan): Decoded {
    const holder: TreeNode[] = [];
    let fault: DecodeFault | null = null;
    try {
      this.read(plan, this.path[0], holder);
      if (this.at < this.limit) this.readTail(plan, holder[0]);
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop;
      fault = stop.fault;
      if (holder.length > 0) closeOpen(holder[0]);
    }
    fault = this.innerFault ?? fault;
    return { root: holder[0] ?? null, next: this.at, fault, notes: this.notes, undecoded: this.undecoded };
  }

  /** Reads what follows the last field: contents of a file where the body's type says so; anything else is a note. */
  private readTail(plan: Plan, root: TreeNode): void {
    const size = this.limit - this.at;
    if (plan.kind !== 'struct' || plan.payload === undefined) return this.note(`${bytesFollow(size)} the last field`);
    this.path.push(plan.payload);
    this.need(size);
    const data = this.input.bytes.subarray(this.at, this.at + size);
    this.leaf(root.children, plan.payload, { kind: 'opaque', length: size, max: size, role: 'data' }, size, data);
    this.close(root);
  }

  /** Reads a value and adds its node to `siblings` as soon as its first leaf is known. */
  private read(plan: Plan, name: string, siblings: TreeNode[]): TreeNode {
    switch (plan.kind) {
      case 'void':
        return this.add(siblings, name, plan, this.at, null);
      case 'int':
      case 'unsigned':
      case 'hyper':
      case 'unsignedHyper':
      case 'float':
      case 'double':
      case 'quadruple':
        return this.readNumber(plan, name, siblings);
      case 'enum':
        this.need(4);
        return this.leaf(siblings, name, plan, 4, readInt32(this.input.bytes, this.at));
      case 'bool':
        return this.readBool(plan, name, siblings);
      case 'string':
      case 'opaque':
        return this.readBytes(plan, name, siblings);
      case 'array':
        return this.nested(() => this.readArray(plan, name, siblings));
      case 'optional':
        return this.nested(() => this.readOptional(plan, name, siblings));
      case 'list':
        return this.nested(() => this.readList(plan, name, siblings));
      case 'struct':
        return this.nested(() => this.readStruct(plan, name, siblings));
      case 'union':
        return this.nested(() => this.readUnion(plan, name, siblings));
      case 'body':
        return this.nested(() => this.readBody(plan, name, siblings));
      case 'typed':
        return this.nested(() => this.readInner(plan, plan.element, name, siblings));
      case 'bitmap':
        return this.readBitmap(plan, name, siblings);
      case 'dictionary':
        return this.readDictionary(plan, name, siblings);
      case 'rest':
        return this.readRest(plan, name, siblings);
      case 'chosen':
        return this.nested(() => this.readChosen(plan, name, siblings));
    }
  }

  private nested(action: () => TreeNode): TreeNode {
    if (this.depth >= MAX_DEPTH) this.malformed(this.at, `nested deeper than ${MAX_DEPTH}`);
    this.depth++;
    const node = action();
    this.depth--;
    return node;
  }

  private readNumber(plan: Plan, name: string, siblings: TreeNode[]): TreeNode {
    const { bytes } = this.input;
    const size = leastSize(plan);
    this.need(size);
    const view = new DataView(bytes.buffer, bytes.byteOffset + this.at, size);
    const value = readNumberAs(plan, view, bytes, this.at);
    if (typeof value === 'number' && !Number.isFinite(value)) this.note(`${value} is null in JSON`);
    return this.leaf(siblings, name, plan, size, value);
  }

  private readBool(plan: Plan, name: string, siblings: TreeNode[]): TreeNode {
    return this.leaf(siblings, name, plan, 4, this.readFlag(this.at));
  }

  private readBytes(plan: StringPlan | OpaquePlan, name: string, siblings: TreeNode[]): TreeNode {
    const offset = this.at;
    const length = plan.kind === 'opaque' && plan.length >= 0 ? plan.length : this.readLength(plan.max);
    const start = this.at;
    this.needFrom(offset, start, length);
    this.pad(start + length, start + padded(length));
    const { bytes } = this.input;
    const end = start + length;
    const textEnd = plan.kind === 'string' ? endOfText(plan, bytes, start, end) : end;
    return this.close(this.add(siblings, name, plan, offset, bytes.subarray(start, textEnd)));
  }

  private readArray(plan: ArrayPlan, name: string, siblings: TreeNode[]): TreeNode {
    const offset = this.at;
    let count = plan.length;
    if (count < 0) {
      this.need(4);
      count = read32(this.input.bytes, this.at);
      if (count > plan.max) this.note(exceedsBound(count, 'element', plan.max));
      this.at += 4;
    }
    const node =
      plan.length < 0 ? this.add(siblings, name, plan, offset, count) : this.detached(name, plan, offset, count);
    const least = leastSize(plan.element);
    const room = this.limit - this.at;
    if (least === 0) this.emptyElements += count;
    const lies = least > 0 ? count * least > room : this.emptyElements > MAX_EMPTY_ELEMENTS;
    if (lies && (plan.length < 0 || least === 0)) this.readLyingArray(plan, node, offset, room);
    else for (let i = 0; i < count; i++) this.element(plan.element, node, i, siblings);
    if (plan.length >= 0 && count === 0) siblings.push(node);
    return this.close(node);
  }

  /** A count that the message cannot hold: the elements that are there stay, and the count is what lied. */
  private readLyingArray(plan: ArrayPlan, node: TreeNode, offset: number, room: number): never {
    const reason = `its count ${node.value} does not fit in the ${remainingBytes(room)}`;
    const path = this.where();
    if (leastSize(plan.element) > 0) {
      try {
        for (let i = 0; ; i++) this.element(plan.element, node, i, null);
      } catch (stop) {
        if (!(stop instanceof Stop)) throw stop;
        if (stop.fault?.kind !== 'malformed') throw stop;
      }
    }
    throw new Stop({ kind: 'malformed', offset, path, reason });
  }

  /** Reads one element. The node of an array without a count is added to `siblings` with its first leaf. */
  private element(plan: Plan, node: TreeNode, index: number, siblings: TreeNode[] | null): void {
    this.path.push(`[${index}]`);
    const attach = index === 0 && siblings !== null && !siblings.includes(node);
    try {
      this.read(plan, `[${index}]`, node.children);
    } finally {
      if (attach && node.children.length > 0) siblings.push(node);
    }
    this.path.pop();
  }

  private readOptional(plan: { kind: 'optional'; element: Plan }, name: string, siblings: TreeNode[]): TreeNode {
    const offset = this.at;
    const present = this.readFlag(offset);
    this.at += 4;
    const node = this.detached(name, plan, offset, present);
    if (present) this.attached(node, siblings, () => this.read(plan.element, name, node.children));
    else siblings.push(node);
    return this.close(node);
  }

  private readList(plan: ListPlan, name: string, siblings: TreeNode[]): TreeNode {
    const offset = this.at;
    const node = this.detached(name, plan, offset, 0);
    let more = plan.leading || this.readFlag(this.at);
    if (!plan.leading) this.at += 4;
    siblings.push(node);
    for (let index = 0; more; index++) {
      this.path.push(`[${index}]`);
      this.read(plan.element, `[${index}]`, node.children);
      more = this.readFlag(this.at);
      this.path.pop();
      this.at += 4;
    }
    node.value = node.children.length;
    return this.close(node);
  }

  private readStruct(plan: StructPlan, name: string, siblings: TreeNode[]): TreeNode {
    const node = this.detached(name, plan, this.at, null);
    this.attached(node, siblings, () => {
      this.scopes.push(node.children);
      for (const field of plan.fields) {
        if (field.isLater && this.at === this.limit) break;
        this.field(field, node);
      }
      this.scopes.pop();
    });
    if (node.children.length === 0) siblings.push(node);
    return this.close(node);
  }

  private readUnion(plan: UnionPlan, name: string, siblings: TreeNode[]): TreeNode {
    const node = this.detached(name, plan, this.at, null);
    this.attached(node, siblings, () => {
      const offset = this.at;
      this.scopes.push(node.children);
      const discriminant = this.field(plan.discriminant, node);
      const value = Number(discriminant.value);
      const arm = plan.arms.has(value) ? plan.arms.get(value) : plan.otherwise;
      if (arm === undefined) {
        if (plan.isOperation) this.unknownOperation(offset, value);
        this.path.push(plan.discriminant.name);
        this.malformed(offset, `${value} selects no arm of ${plan.name}`);
      }
      if (arm !== null) this.field(arm, node);
      this.scopes.pop();
    });
    return this.close(node);
  }

  private field(field: FieldPlan, parent: TreeNode): TreeNode {
    this.path.push(field.name);
    const node = this.read(field.plan, field.name, parent.children);
    this.path.pop();
    return node;
  }

  private readBody(plan: BodyPlan, name: string, siblings: TreeNode[]): TreeNode {
    const parent = siblings;
    const numbers = [plan.program, plan.version, plan.procedure].map((operand) => this.operand(operand, parent));
    const inner = numbers.includes(undefined)
      ? 'no_call'
      : this.input.context.body(numbers[0]!, numbers[1]!, numbers[2]!, plan.direction);
    if (typeof inner !== 'string') return this.readInner(plan, inner, name, siblings);
    const node = this.readBytes({ kind: 'opaque', length: -1, max: plan.max }, name, siblings);
    const length = (node.value as Uint8Array).length;
    if (length > 0) this.undecoded ??= { reason: inner, offset: node.offset + 4, length };
    return node;
  }

  private operand(operand: Operand, siblings: TreeNode[]): number | undefined {
    if (operand.kind === 'number') return operand.value;
    if (operand.kind === 'call') return this.input.context.callField(operand.path);
    let nodes = siblings;
    let found: TreeNode | undefined;
    for (const part of operand.path.split('.')) {
      found = nodes.find((node) => node.name === part);
      if (found === undefined) return undefined;
      nodes = found.children;
    }
    return typeof found?.value === 'number' ? found.value : undefined;
  }

  private readBitmap(plan: BitmapPlan, name: string, siblings: TreeNode[]): TreeNode {
    const offset = this.at;
    this.need(4);
    const count = read32(this.input.bytes, offset);
    const left = (this.limit - offset - 4) >> 2;
    if (count > left) this.malformed(offset, `its count ${count} does not fit in the ${remainingBytes(left * 4)}`);
    if (count > MAX_BITMAP_WORDS)
      this.malformed(offset, `its count ${count} is more than the ${MAX_BITMAP_WORDS} words of any known bitmap`);
    if (count > plan.max) this.note(exceedsBound(count, 'word', plan.max));
    this.needFrom(offset, offset + 4, count * 4);
    this.at = offset + 4 + count * 4;
    const node = this.add(siblings, name, plan, offset, this.input.bytes.subarray(offset + 4, this.at));
    return this.close(node);
  }

  /** A dictionary, which fills the opaque around it. */
  private readDictionary(plan: DictionaryPlan, name: string, siblings: TreeNode[]): TreeNode {
    const node = this.add(siblings, name, plan, this.at, 0);
    if (this.at === this.limit) return node;
    this.need(4);
    const count = read32(this.input.bytes, this.at);
    const room = this.limit - this.at - 4;
    if (count * LEAST_PAIR > room)
      this.malformed(this.at, `its count ${count} does not fit in the ${remainingBytes(room)}`);
    this.at += 4;
    for (let i = 0; i < count; i++) {
      this.path.push(`[${i}]`);
      this.readPair(plan.element, `[${i}]`, node.children);
      this.path.pop();
    }
    node.value = count;
    return this.close(node);
  }

  private readPair(plan: StructPlan, name: string, siblings: TreeNode[]): void {
    const { bytes } = this.input;
    this.need(8);
    const lengths = [read32(bytes, this.at) + 1, read32(bytes, this.at + 4)];
    const node = this.add(siblings, name, plan, this.at, null);
    this.at += 8;
    plan.fields.forEach((field, index) => {
      this.path.push(field.name);
      this.need(lengths[index]);
      // A string stands with its NUL, which is left out here; in other values a zero at the end is a part of the value.
      const end = this.at + lengths[index];
      const isString = end > this.at && bytes.indexOf(0, this.at) === end - 1;
      const value = bytes.subarray(this.at, isString ? end - 1 : end);
      this.leaf(node.children, field.name, field.plan, lengths[index], value);
      this.path.pop();
    });
    this.close(node);
  }

  /** All bytes that are left: their kind depends on something unknown. */
  private readRest(plan: Plan, name: string, siblings: TreeNode[]): TreeNode {
    const size = this.limit - this.at;
    this.need(size);
    if (size > 0) this.note(`${byteCount(size)} of a kind that is not known`);
    return this.leaf(siblings, name, plan, size, this.input.bytes.subarray(this.at, this.at + size));
  }

  /** An opaque whose type is chosen by the nearest field of a name. */
  private readChosen(plan: ChosenPlan, name: string, siblings: TreeNode[]): TreeNode {
    const chooser = this.scopes.findLast((scope) => scope.some((node) => node.name === plan.by));
    const field = chooser?.findLast((node) => node.name === plan.by);
    const { bytes, limit } = this.input;
    const isEmpty = this.at + 4 <= Math.min(limit, this.end) && read32(bytes, this.at) === 0;
    const inner = field === undefined || isEmpty ? null : chosenPlan(plan, field);
    if (inner !== null) return this.readInner(plan, inner, name, siblings);
    return this.readBytes({ kind: 'opaque', length: -1, max: plan.max }, name, siblings);
  }

  /** An opaque with a type of its own inside: its value, or its bytes when they do not decode. */
  private readInner(
    plan: BodyPlan | TypedPlan | ChosenPlan,
    inner: Plan,
    name: string,
    siblings: TreeNode[],
  ): TreeNode {
    const offset = this.at;
    const length = this.readLength(plan.max);
    const start = this.at;
    const { end, limit, depth, undecoded } = this;
    const pathLength = this.path.length;
    const scopes = this.scopes.length;
    const notes = this.noteCount;
    const node = this.detached(name, plan, offset, null);
    this.limit = start + length;
    this.end = Math.min(end, this.limit);
    try {
      this.read(inner, name, node.children);
      if (this.at < this.limit) this.note(`${bytesFollow(this.limit - this.at)} the last field`);
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop;
      if (stop.fault?.kind !== 'malformed') {
        if (node.children.length > 0) siblings.push(node);
        throw stop;
      }
      this.innerFault ??= stop.fault;
      // What was remarked of the contents goes with them.
      this.noteCount = notes;
      this.undecoded = undecoded;
      this.path.length = pathLength;
      this.scopes.length = scopes;
      this.depth = depth;
      this.end = end;
      this.limit = limit;
      this.at = offset;
      return this.readBytes({ kind: 'opaque', length: -1, max: plan.max }, name, siblings);
    }
    this.end = end;
    this.limit = limit;
    this.pad(start + length, start + padded(length));
    siblings.push(node);
    return this.close(node);
  }

  /** Ends decoding at an operation that nobody defined: how long it is cannot be known. */
  private unknownOperation(offset: number, operation: number): never {
    const index = Number(this.path.at(-1)?.slice(1, -1));
    this.undecoded ??= {
      reason: 'unknown_operation',
      offset,
      length: this.limit - offset,
      place: { operation, index },
    };
    throw new Stop(null);
  }
}

/** Sets the lengths of the nodes that a fault left open, and the counts of lists, to what was read of them. */
function closeOpen(node: TreeNode): void {
  const last = node.children.at(-1);
  if (last === undefined) return;
  closeOpen(last);
  if (node.plan.kind === 'list') node.value = node.children.length;
  node.length = Math.max(node.length, last.offset + last.length - node.offset);
}

function readNumberAs(plan: Plan, view: DataView, bytes: Uint8Array, at: number): Leaf {
  switch (plan.kind) {
    case 'int':
      return view.getInt32(0);
    case 'unsigned':
      return view.getUint32(0);
    case 'hyper':
      return view.getBigInt64(0);
    case 'unsignedHyper':
      return view.getBigUint64(0);
    case 'float':
      return view.getFloat32(0);
    case 'double':
      return view.getFloat64(0);
    default:
      return bytes.subarray(at, at + 16);
  }
}
