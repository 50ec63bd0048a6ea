/**
 * The library: `open` reads captures and gives their RPC messages; `compile` makes decoders from the text of a `.x`.
 * docs/library.md has examples. The command line is built on `Inspection`, which `open` wraps.
 */
export { type Account, missingPhrases, type Time } from './analysis/account.js';
export type { CaptureProblem } from './capture/merge.js';
export type { BodyReason, Dissection } from './dissect/dissection.js';
export type { Dissector } from './dissect/dissector.js';
export { type DissectorEntry, DissectorLibrary, XdrFileError } from './dissect/library.js';
export { Capture, MessageView, type OpenOptions, open } from './library/capture.js';
export {
  type CompiledProcedure,
  type CompiledProgram,
  type CompiledXdr,
  compile,
  type DecodedValue,
  type Decoder,
  type JsonTextOptions,
} from './library/compile.js';
export type { CallPart, ExchangeRecord, ReplyPart } from './library/exchange-record.js';
export { Inspection, type InspectOptions, type Problem } from './library/inspection.js';
export type { AuthRecord, RpcRecord } from './library/record.js';
export type { Fault, Message, RetransmissionKind } from './rpc/message.js';
export type { Plan } from './xdr/plan.js';
export type { Decoded, DecodeFault, Leaf, TreeNode } from './xdr/tree-node.js';
export type { XdrObject, XdrValue } from './xdr/value.js';
