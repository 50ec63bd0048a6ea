/** What can be asked for fields: a message, or an exchange. Filters and check rules take it; `dissect` makes it. */
import type { Decoded, DecodeFault } from '../xdr/tree-node.js';
import type { Dissection } from './dissector.js';

/** The values of a field are those of all its messages. */
export interface FieldSource {
  readonly messages: readonly Dissection[];
  /** Facts of an exchange; null for a message. */
  readonly exchange: ExchangeFacts | null;
  /** The body as a tree; null when it has none that can be decoded. */
  decode(dissection: Dissection): Decoded | null;
  /** What is wrong with the body; null when nothing is, or only bytes are missing. */
  fault(dissection: Dissection): DecodeFault | null;
  summary(dissection: Dissection): string;
}

export interface ExchangeFacts {
  outcome: string;
  /** Transmissions of the call beyond the first. */
  retransmissions: number;
}
