/**
 * Keeps the facts of a call that waits for its reply, where there is no room for its bytes: where it came from, when,
 * and what it called. A note says that the rest was dropped.
 */
import type { Endpoint } from '../network/flow.js';
import { CALL } from '../rpc/message.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import type { Dissection } from './dissection.js';
import { type FileName, NO_NAMES } from './file-name-fields.js';
import type { Procedure } from './procedure.js';
import { NONE_RELATED } from './related.js';

export const DROPPED_NOTE = 'too many calls wait for their reply: the arguments were dropped';
const NO_BYTES = new Uint8Array(0);

export class CallFacts {
  private number = 0;
  private frame = 0;
  private seconds = 0;
  private nanoseconds = 0;
  private file = 0;
  private order = 0;
  private opening = -1;
  private interfaceIndex = 0;
  private protocol = 0;
  private connection = 0;
  /** Bytes of the message on the wire. */
  protected length = 0;
  private xid = 0;
  private program = -1;
  private version = -1;
  private procedureNumber = -1;
  private source!: Endpoint;
  private destination!: Endpoint;
  private programName: string | undefined;
  private procedureName: string | undefined;
  protected procedure: Procedure | null = null;

  get names(): readonly FileName[] {
    return NO_NAMES;
  }

  keepFacts({ message, programName, procedureName, procedure }: Dissection): this {
    this.number = message.number;
    this.frame = message.frame;
    this.seconds = message.seconds;
    this.nanoseconds = message.nanoseconds;
    this.file = message.file;
    this.order = message.order;
    this.opening = message.opening;
    this.interfaceIndex = message.interfaceIndex;
    this.protocol = message.protocol;
    this.connection = message.connection;
    this.length = message.length;
    this.xid = message.xid;
    this.program = message.program;
    this.version = message.version;
    this.procedureNumber = message.procedure;
    this.source = message.source;
    this.destination = message.destination;
    this.programName = programName;
    this.procedureName = procedureName;
    this.procedure = procedure;
    return this;
  }

  /** These facts alone. */
  facts(): CallFacts {
    const facts = new CallFacts();
    for (const key of Object.keys(facts)) Reflect.set(facts, key, Reflect.get(this, key));
    return facts;
  }

  /** Fills in `dissection` and its message with what is known. */
  restore(dissection: Dissection): void {
    const { message } = dissection;
    message.resetHeader();
    message.bytes = NO_BYTES;
    message.start = 0;
    // None of its bytes are there, but the capture had them.
    message.end = this.length;
    message.length = this.length;
    message.mostLength = 0;
    message.xid = this.xid;
    message.type = CALL;
    message.program = this.program;
    message.version = this.version;
    message.procedure = this.procedureNumber;
    message.firstFrame = this.frame;
    message.firstFile = this.file;
    message.frameCount = 1;
    message.transfer = 0;
    message.notes.push(DROPPED_NOTE);
    this.restoreFacts(dissection);
    dissection.plan = null;
    dissection.undecoded = null;
    dissection.status = null;
    dissection.error = null;
    dissection.compound = null;
    dissection.integrity = null;
    dissection.verifierPlan = null;
    dissection.related = NONE_RELATED;
  }

  /** Writes what it called; the summary was dropped. */
  writeSummary(out: ByteWriter): void {
    if (this.procedure !== null) out.text(this.procedure.name);
  }

  protected restoreFacts(dissection: Dissection): void {
    const { message } = dissection;
    message.number = this.number;
    message.frame = this.frame;
    message.seconds = this.seconds;
    message.nanoseconds = this.nanoseconds;
    message.file = this.file;
    message.order = this.order;
    message.opening = this.opening;
    message.interfaceIndex = this.interfaceIndex;
    message.protocol = this.protocol;
    message.connection = this.connection;
    message.source = this.source;
    message.destination = this.destination;
    dissection.programName = this.programName;
    dissection.procedureName = this.procedureName;
    dissection.procedure = this.procedure;
  }
}
