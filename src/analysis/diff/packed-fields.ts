/**
 * The fields of an exchange in two strings, a tenth of what they take as objects. `text` has all but names: where it is the same,
 * two exchanges are the same but for names. `names` has these, in their order. Fields are made again where something differs.
 *
 * A field is the code of its shape, of an element its index, and what it holds: a value as a letter and text, members and elements with
 * an end behind them. Call, stats and reply have an end each.
 */
import { ByteWriter } from '../../xdr/byte-writer.js';
import type { Plan, Variation } from '../../xdr/plan.js';
import { HANDLE, type Place } from './aliases.js';
import { argumentsOf } from './exchange.js';
import { type Field, fingerprintOf, type LeafValue, weightOf } from './field.js';

/**
 * What is compared of an exchange, by the names of records. `stats` say how the call fared, the outcome first, in values alone: where they
 * differ, `reply` has nothing in common.
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
  /** null: a name of the kind that the field itself is called. */
  readonly alias: Variation | null;
  readonly isUnion: boolean;
}

/** Where texts become bytes. */
const scratch = new ByteWriter(1 << 12);

/** Of no code, because codes count from 1. */
const END = '\0';

/** Shapes by code: all exchanges that are compared share them. There are as many as `.x` files have fields. */
export class FieldShapes {
  private readonly shapes: Shape[] = [];
  private readonly byName = new Map<string, Shape[]>();

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

/** A number in digits of seven bits, the lowest first; all but the last have the eighth. */
function codeOf(number: number): string {
  return number < 0x80
    ? String.fromCharCode(number)
    : String.fromCharCode((number & 0x7f) | 0x80) + codeOf(number >>> 7);
}

export class PackedFields {
  readonly text: string;
  readonly names: string;
  /** How many fields there are, longer values counted as several. */
  readonly weight: number;
  /** True where a name may choose an arm of a union, so that what is compared depends on names. */
  readonly choosesByName: boolean;
  private kept: { print?: string; argumentsPrint?: string } = {};

  constructor(
    private readonly shapes: FieldShapes,
    { call, stats, reply }: ExchangeFields,
  ) {
    const packer = new Packer(shapes);
    for (const fields of [call, stats, reply]) packer.add(fields);
    this.text = packer.text.join('');
    this.names = packer.names.join('');
    this.choosesByName = packer.choosesByName;
    this.weight = [...call, ...stats, ...reply].reduce((sum, field) => sum + weightOf(field), 0);
  }

  /** All fields, made anew. */
  get all(): ExchangeFields {
    const reader = new Unpacker(this.shapes, this.text, new NameReader(this.shapes, this.names));
    return { call: reader.fields(), stats: reader.fields(), reply: reader.fields() };
  }

  /** The names in their order, each with the kind of name that it is. */
  nameReader(): NameReader {
    return new NameReader(this.shapes, this.names);
  }

  /** Stands for all fields but names. */
  get print(): string {
    this.kept.print ??= printOf(this.text);
    return this.kept.print;
  }

  /** Stands for the arguments but names. */
  get argumentsPrint(): string {
    this.kept.argumentsPrint ??= printOf(this.argumentLines.join(HANDLE));
    return this.kept.argumentsPrint;
  }

  /** The arguments, a line for each, cut where file handles stand: what is before the first, between each two, behind the last. */
  get argumentLines(): readonly string[] {
    return argumentLines(new Unpacker(this.shapes, this.text, this.nameReader()).fields());
  }
}

/** 64 bits in hex that stand for a text. */
export function printOf(text: string): string {
  scratch.length = 0;
  scratch.utf8(text);
  return fingerprintOf(scratch.bytes.subarray(0, scratch.length));
}

/** Of names only handles count: they say what is done on which file. */
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

class Packer {
  readonly text: string[] = [];
  readonly names: string[] = [];
  choosesByName = false;

  constructor(private readonly shapes: FieldShapes) {}

  add(fields: readonly Field[]): void {
    for (const field of fields) this.field(field);
    this.text.push(END);
  }

  private field(field: Field): void {
    const isElement = field.name.startsWith('[');
    const shape = this.shapes.of(field, isElement ? '' : field.name);
    const code = isElement ? `${shape.code}${field.name.slice(1, -1)};` : shape.code;
    this.text.push(code);
    switch (field.kind) {
      case 'value':
        this.text.push(leafText(field.value));
        break;
      case 'alias':
        this.names.push(code, leafText(field.value));
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
  return field === undefined || field.kind === 'value' || field.kind === 'varying';
}

/** A value by the letter of its type. */
function leafText(value: LeafValue): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length};${value}`;
    case 'number':
      return Object.is(value, -0) ? 'n-0;' : `n${value};`;
    case 'bigint':
      return `b${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    default:
      return 'z';
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
    for (let shift = 0; ; shift += 7) {
      const digit = this.packed.charCodeAt(this.at++);
      number |= (digit & 0x7f) << shift;
      if (digit < 0x80) return this.shapes.at(number);
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

/** Reads names one by one: `value` is the last one. */
export class NameReader extends Reader {
  name = '';
  value: LeafValue = null;
  alias: Variation = { name: '', isLocal: false };

  /** Goes to the next; false behind the last. */
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

  /** Fields up to the next end. */
  fields(): Field[] {
    const fields: Field[] = [];
    while (this.packed[this.at] !== END) fields.push(this.field());
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
    }
  }
}
