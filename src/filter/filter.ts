/**
 * Display filters (`-Y`): Wireshark's language over rpcdump's fields. A filter is parsed and
 * checked once, and then applied to each message, or to each exchange, through a `FieldSource`.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { Dissector } from '../dissect/dissector.js';
import type { FieldSource } from '../dissect/field-source.js';
import { type FileName, namesOf } from '../dissect/file-name-fields.js';
import type { DissectorLibrary } from '../dissect/library.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import type { Decoded, DecodeFault } from '../xdr/tree-node.js';
import { compileFilter, type Predicate } from './compile.js';
import { FilterHints } from './hints.js';
import type { Inputs } from './inputs.js';
import { parseFilter } from './parser.js';
import { Resolver } from './resolver.js';
import { Vocabulary } from './vocabulary.js';

export interface FilterOptions {
  library: DissectorLibrary;
  /** For the fields `file` and `interface`; called when messages come. */
  inputs?: () => Inputs;
}

export class Filter {
  /** True when the filter needs more than headers: then messages must have been dissected. */
  readonly needsBody: boolean;
  /** The fields of `header-fields.ts` that the filter names. */
  readonly mentioned: ReadonlySet<string>;
  readonly hints: FilterHints;
  /**
   * True when the filter uses the files that messages are about: then the handles of an exchange's call must be kept.
   */
  readonly needsNames: boolean;
  private readonly predicate: Predicate;

  /** @throws FilterError when the text is not a filter, or names something that does not exist. */
  constructor(
    readonly text: string,
    { library, inputs }: FilterOptions,
  ) {
    const vocabulary = Vocabulary.of(library);
    const resolver = new Resolver(vocabulary, inputs);
    const expression = parseFilter(text);
    const { predicate, isHeader, doubts } = compileFilter(expression, resolver, text);
    this.needsBody = !isHeader;
    this.mentioned = resolver.mentioned;
    this.needsNames = resolver.mentioned.has('names');
    this.hints = new FilterHints(expression, text, resolver, vocabulary, doubts);
    this.predicate = this.hints.watching(predicate);
  }

  matches(source: FieldSource): boolean {
    return this.predicate(source);
  }

  /** Returns a function that tells whether the message that was dissected last is selected. */
  forMessages(dissector: Dissector): (dissection: Dissection) => boolean {
    const source = new MessageSource(dissector);
    return (dissection) => this.predicate(source.of(dissection));
  }
}

/** The message that was dissected last, as the source of fields; its body is decoded at most once. */
export class MessageSource implements FieldSource {
  readonly messages: Dissection[] = [];
  readonly exchange = null;
  private readonly text = new ByteWriter(1024);
  private decoded: Decoded | null = null;
  private decodedNumber = -1;

  constructor(private readonly dissector: Dissector) {}

  of(dissection: Dissection): this {
    this.messages[0] = dissection;
    this.decodedNumber = -1;
    return this;
  }

  decode(dissection: Dissection): Decoded | null {
    const { number } = dissection.message;
    if (this.decodedNumber !== number) {
      this.decodedNumber = number;
      this.decoded = this.dissector.decode();
    }
    return this.decoded;
  }

  fault(): DecodeFault | null {
    return this.dissector.findFault();
  }

  summary(): string {
    this.text.length = 0;
    this.dissector.writeSummary(this.text);
    return this.text.toString();
  }

  names(dissection: Dissection): readonly FileName[] {
    return namesOf(dissection, this.dissector);
  }
}
