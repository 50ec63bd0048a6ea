/**
 * Display filters (`-Y`): Wireshark's language over rpcdump's fields. A filter is parsed and checked once, and then asked of each
 * message, or of each exchange through a `FieldSource`.
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
import { parseFilter } from './parser.js';
import { Resolver } from './resolver.js';
import { Vocabulary } from './vocabulary.js';

export interface FilterOptions {
  library: DissectorLibrary;
  /** Names of the inputs, asked for when a message comes; for the field `file`. */
  files?: () => readonly string[];
}

export class Filter {
  /** True when it asks for more than headers: then messages must have been dissected. */
  readonly needsBody: boolean;
  /** The fields that it names, of those that every message may have (`header-fields.ts`). */
  readonly mentioned: ReadonlySet<string>;
  readonly hints: FilterHints;
  /** True when it asks which files a message speaks of: of an exchange's call these have to be kept. */
  readonly needsNames: boolean;
  private readonly predicate: Predicate;

  /** @throws FilterError when the text is no filter, or names what does not exist. */
  constructor(
    readonly text: string,
    { library, files = () => [] }: FilterOptions,
  ) {
    const vocabulary = Vocabulary.of(library);
    const resolver = new Resolver(vocabulary, files);
    const expression = parseFilter(text);
    const { predicate, isHeader } = compileFilter(expression, resolver, text);
    this.needsBody = !isHeader;
    this.mentioned = resolver.mentioned;
    this.needsNames = resolver.mentioned.has('names');
    this.hints = new FilterHints(expression, text, resolver, vocabulary);
    this.predicate = this.hints.watching(predicate);
  }

  matches(source: FieldSource): boolean {
    return this.predicate(source);
  }

  /** The question whether a message is selected; to be asked of the message last dissected. */
  forMessages(dissector: Dissector): (dissection: Dissection) => boolean {
    const source = new MessageSource(dissector);
    return (dissection) => this.predicate(source.of(dissection));
  }
}

/** One message as the source of fields, the one last dissected; its body is decoded at most once. */
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
