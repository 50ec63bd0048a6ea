/** What can be asked for fields: a message, or an exchange. Filters and check rules take it; `dissect` makes it. */
import type { IcmpNote } from '../rpc/exchange-facts.js';
import type { Decoded, DecodeFault } from '../xdr/tree-node.js';
import type { Dissection } from './dissection.js';
import type { FileName } from './file-name-fields.js';

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
  /** Paths of the files whose handles it has; those of an exchange's call only where its follower keeps them. */
  names(dissection: Dissection): readonly FileName[];
}

/** Times are nanoseconds; null where there is none. */
export interface ExchangeFacts {
  readonly outcome: string;
  /** From the last transmission of the call, where there were several, to the reply. */
  readonly elapsedLast: number | null;
  /** From the completion of the call to the first frame of the reply. */
  readonly serverTime: number | null;
  /** Transmissions of the call beyond the first. */
  readonly retransmissions: number;
  /** TCP segments sent again that carried a part of it. */
  readonly tcpRetransmissions: number;
  /** The last ICMP error that quoted the call. */
  readonly icmpError: IcmpNote | null;
  /** A reply came that nobody had whole, and no other. */
  readonly hasIncompleteReply: boolean;
}
