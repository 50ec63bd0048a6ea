/**
 * Packs the fields of an exchange into two texts, which take a tenth of the memory of objects.
 * The first has everything but names: exchanges with the same first text differ in names only.
 * The second has the names, in order. The fields are unpacked where something differs.
 *
 * A field is the code of its shape, for an element its index, and its content. A value is a letter
 * and text; members and elements are followed by an end. Call, stats and reply have an end each.
 */
import { ByteBlocks } from '../../dissect/byte-blocks.js';
import { MAX_DIFF_BYTES } from '../../limits/diff.js';
import { MAX_CACHED_TEXTS } from '../../limits/xdr.js';
import { ByteWriter } from '../../xdr/byte-writer.js';
import type { Plan, Variation } from '../../xdr/plan.js';
import { HANDLE, type Place } from './aliases.js';
import { argumentsOf } from './exchange.js';
import { CUT, type Field, fingerprintOf, type LeafValue, weightOf } from './field.js';
import { KeptBytes } from './kept-bytes.js';

/**
 * The compared fields of an exchange, by the names of records. `stats` are the outcome and the
 * RPC-level results, as values; where they differ, the fields of `reply` cannot be compared.
 */
export interface ExchangeFields {
  call: readonly Field[];
  stats: readonly Field[];
  reply: readonly Field[];
}

/** What fields of many exchanges have in common. */
interface Shape {
  readonly code: string;
  readonly kind: Field['kind'];
  /** Empty for elements, which are named by their index. */
  readonly name: string;
  readonly plan: Plan | null;
  /** null: a name whose kind is the field's own name. */
  readonly alias: Variation | null;
  readonly isUnion: boolean;
}

/** Buffers in which the two texts are made. */
const scratch = new ByteWriter(1 << 12);
const nameScratch = new ByteWriter(1 << 12);

/** Differs from all codes, because codes count from 1. */
const END = 0;

/**
 * Shapes by code, shared by all exchanges that are compared, and the blocks
 * for their bytes. There are as many shapes as the `.x` files have fields.
 */
export class FieldShapes {
  readonly blocks = new ByteBlocks(MAX_DIFF_BYTES);
  private readonly shapes: Shape[] = [];
  private readonly byName = new Map<string, Shape[]>();
  private readonly texts = new Map<string, string>();

  /** The same string object for equal texts; for texts that recur. */
  shared(text: string): string {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    if (this.texts.size >= MAX_CACHED_TEXTS) this.texts.clear();
    this.texts.set(text, text);
    return text;
  }

  of(field: Field, name: string): Shape {
    let shapes = this.byName.get(name);
    if (shapes === undefined) {
      shapes = [];
      this.byName.set(name, shapes);
    }
    const known = shapes.find((shape) => isOf(shape, field));
    if (known !== undefined) return known;
    const shape: Shape = {
      code: codeOf(this.shapes.length + 1),
      kind: field.kind,
      name,
      plan: field.kind === 'value' ? field.plan : null,
      alias: field.kind === 'alias' && !isOwnKind(field) ? field.alias : null,
      isUnion: field.kind === 'members' && field.isUnion,
    };
    shapes.push(shape);
    this.shapes.push(shape);
    return shape;
  }

  at(number: number): Shape {
    return this.shapes[number - 1];
  }
}

function isOf(shape: Shape, field: Field): boolean {
  if (shape.kind !== field.kind) return false;
  switch (field.kind) {
    case 'value':
      return shape.plan === field.plan;
    case 'members':
      return shape.isUnion === field.isUnion;
    case 'alias':
      if (isOwnKind(field)) return shape.alias === null;
      return shape.alias?.name === field.alias.name && shape.alias.isLocal === field.alias.isLocal;
    default:
      return true;
  }
}

function isOwnKind({ alias, name }: Field & { kind: 'alias' }): boolean {
  return alias.isLocal && alias.name === name;
}

/** A number in ASCII, by digits of six bits, the lowest first; the seventh bit is set in all but the last. */
function codeOf(number: number): string {
  return number < 0x40
    ? String.fromCharCode(number)
    : String.fromCharCode((number & 0x3f) | 0x40) + codeOf(number >>> 6);
}

export class PackedFields {
  /** Both texts, one after the other. */
  private readonly kept: KeptBytes;
  private readonly textLength: number;
  /** The number of fields, where long values count as several. */
  readonly weight: number;
  /** True where a name may choose the arm of a union, so that equality depends on names. */
  readonly choosesByName: boolean;
  private knownPrint: string | undefined;
  private knownArgumentsPrint: string | undefined;
  private knownHandles: readonly string[] | undefined;

  constructor(
    private readonly shapes: FieldShapes,
    { call, stats, reply }: ExchangeFields,
  ) {
    scratch.length = 0;
    nameScratch.length = 0;
    const packer = new Packer(shapes);
    for (const fields of [call, stats, reply]) packer.add(fields);
    this.textLength = scratch.length;
    this.kept = new KeptBytes(shapes.blocks, scratch.length + nameScratch.length);
    this.kept.write(scratch.bytes, scratch.length, 0);
    this.kept.write(nameScratch.bytes, nameScratch.length, scratch.length);
    this.choosesByName = packer.choosesByName;
    this.weight = [...call, ...stats, ...reply].reduce((sum, field) => sum + weightOf(field), 0);
  }

  /** All fields, unpacked. */
  get all(): ExchangeFields {
    const reader = new Unpacker(this.shapes, this.text, this.nameReader());
    return { call: reader.fields(), stats: reader.fields(), reply: reader.fields() };
  }

  private get text(): string {
    return this.kept.text(0, this.textLength);
  }

  /** Reads the names in order, each with its kind. */
  nameReader(): NameReader {
    return new NameReader(this.shapes, this.kept.text(this.textLength, this.kept.length));
  }

  /** The file handles, in order: those of the arguments, then those of the result. */
  get handles(): readonly string[] {
    if (this.knownHandles === undefined) {
      const handles: string[] = [];
      for (const names = this.nameReader(); names.next(); )
        if (names.alias.name === HANDLE) handles.push(String(names.value));
      this.knownHandles = handles;
    }
    return this.knownHandles;
  }

  /** True if all fields but names are equal. */
  isLike(other: PackedFields): boolean {
    return this.textLength === other.textLength && this.kept.beginsLike(other.kept, this.textLength);
  }

  /** Frees the texts; they must not be used after that. */
  release(): void {
    this.kept.release();
  }

  /** A fingerprint of all fields but names. */
  get print(): string {
    this.knownPrint ??= fingerprintOf(this.kept.part(0, this.textLength));
    return this.knownPrint;
  }

  /** A fingerprint of the arguments but names. */
  get argumentsPrint(): string {
    this.knownArgumentsPrint ??= printOf(this.argumentLines.join(HANDLE));
    return this.knownArgumentsPrint;
  }

  /**
   * The arguments, a line for each, cut at file handles: the
   * text before the first, between each two, and after the last.
   */
  get argumentLines(): readonly string[] {
    return argumentLines(new Unpacker(this.shapes, this.text, this.nameReader()).fields());
  }
}

/** The fingerprint of a text: 64 bits in hex. */
export function printOf(text: string): string {
  scratch.length = 0;
  scratch.utf8(text);
  return fingerprintOf(scratch.bytes.subarray(0, scratch.length));
}

/** Of names only handles count: they tell which file a call is about. */
function argumentLines(call: readonly Field[]): string[] {
  const parts = [''];
  const add = (field: Field): void => {
    parts[parts.length - 1] += `\n${field.name}`;
    if (field.kind === 'value') parts[parts.length - 1] += `=${field.value}`;
    else if (field.kind === 'members') field.members.forEach(add);
    else if (field.kind === 'elements') field.elements.forEach(add);
    else if (field.kind === 'alias' && field.alias.name === HANDLE) parts.push('');
  };
  const args = argumentsOf(call);
  if (args !== undefined) add(args);
  return parts;
}

// Fields to text

/** Writes to `scratch` and `nameScratch`. */
class Packer {
  choosesByName = false;

  constructor(private readonly shapes: FieldShapes) {}

  add(fields: readonly Field[]): void {
    for (const field of fields) this.field(field);
    scratch.byte(END);
  }

  private field(field: Field): void {
    const isElement = field.name.startsWith('[');
    const shape = this.shapes.of(field, isElement ? '' : field.name);
    const code = isElement ? `${shape.code}${field.name.slice(1, -1)};` : shape.code;
    scratch.ascii(code);
    switch (field.kind) {
      case 'value':
        writeLeaf(scratch, field.value);
        break;
      case 'alias':
        nameScratch.ascii(code);
        writeLeaf(nameScratch, field.value);
        break;
      case 'members':
        this.choosesByName ||= field.isUnion && !isLeaf(field.members[0]);
        this.add(field.members);
        break;
      case 'elements':
        this.add(field.elements);
    }
  }
}

/** False where there may be a name. */
function isLeaf(field: Field | undefined): boolean {
  return field === undefined || field.kind === 'value' || field.kind === 'varying' || field.kind === 'cut';
}

/** Writes a value after the letter of its type. */
function writeLeaf(out: ByteWriter, value: LeafValue): void {
  switch (typeof value) {
    case 'string':
      out.ascii(`s${value.length};`);
      return out.utf8(value);
    case 'number':
      return out.ascii(Object.is(value, -0) ? 'n-0;' : `n${value};`);
    case 'bigint':
      return out.ascii(`b${value};`);
    case 'boolean':
      return out.ascii(value ? 't' : 'f');
    default:
      return out.ascii('z');
  }
}

// Text to fields

class Reader {
  protected at = 0;

  constructor(
    private readonly shapes: FieldShapes,
    protected readonly packed: string,
  ) {}

  protected shape(): Shape {
    let number = 0;
    for (let shift = 0; ; shift += 6) {
      const digit = this.packed.charCodeAt(this.at++);
      number |= (digit & 0x3f) << shift;
      if (digit < 0x40) return this.shapes.at(number);
    }
  }

  protected nameOf({ name }: Shape): string {
    return name === '' ? `[${this.upToMark()}]` : name;
  }

  protected leaf(): LeafValue {
    switch (this.packed[this.at++]) {
      case 's':
        return this.take(Number(this.upToMark()));
      case 'n':
        return Number(this.upToMark());
      case 'b':
        return BigInt(this.upToMark());
      case 't':
        return true;
      case 'f':
        return false;
      default:
        return null;
    }
  }

  private upToMark(): string {
    const end = this.packed.indexOf(';', this.at);
    const text = this.packed.slice(this.at, end);
    this.at = end + 1;
    return text;
  }

  private take(length: number): string {
    this.at += length;
    return this.packed.slice(this.at - length, this.at);
  }
}

/** Reads names one by one; `value` is the current one. */
export class NameReader extends Reader {
  name = '';
  value: LeafValue = null;
  alias: Variation = { name: '', isLocal: false };

  /** Goes to the next name; false after the last. */
  next(): boolean {
    if (this.at === this.packed.length) return false;
    const shape = this.shape();
    this.name = this.nameOf(shape);
    this.alias = shape.alias ?? { name: this.name, isLocal: true };
    this.value = this.leaf();
    return true;
  }

  placeIn(scope: string): Place {
    return { alias: this.alias, value: this.value, scope };
  }
}

class Unpacker extends Reader {
  constructor(
    shapes: FieldShapes,
    text: string,
    private readonly names: NameReader,
  ) {
    super(shapes, text);
  }

  /** The fields up to the next end. */
  fields(): Field[] {
    const fields: Field[] = [];
    while (this.packed.charCodeAt(this.at) !== END) fields.push(this.field());
    this.at++;
    return fields;
  }

  private field(): Field {
    const shape = this.shape();
    const name = this.nameOf(shape);
    switch (shape.kind) {
      case 'value':
        return { kind: 'value', name, value: this.leaf(), plan: shape.plan };
      case 'alias':
        this.names.next();
        return { kind: 'alias', name, value: this.names.value, alias: this.names.alias };
      case 'members':
        return { kind: 'members', name, members: this.fields(), isUnion: shape.isUnion };
      case 'elements':
        return { kind: 'elements', name, elements: this.fields() };
      case 'varying':
        return { kind: 'varying', name };
      case 'cut':
        return CUT;
    }
  }
}
