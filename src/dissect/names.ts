/**
 * Shows file names in place of handles. Names are learnt in the order of the capture, from what calls asked for and
 * replies granted; the handles of a message have the names that hold at its time. A failed reply teaches nothing (but
 * the operations of a compound that were done do), and a duplicate one teaches nothing again. What a reply needs of its
 * call is kept with the exchange, so clients that use the same xid cannot swap names.
 */
import type { Endpoint } from '../network/flow.js';
import { CALL, type Message } from '../rpc/message.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import type { Extent } from './extent.js';
import { HandleWalk, type Steps } from './names/current-handle.js';
import { endOfBytes, handlePaths, startOf } from './names/fields.js';
import { type File, type Link, writeHash } from './names/file.js';
import { FileNames } from './names/file-names.js';
import { addText, beginFingerprint, fingerprint } from './names/fingerprint.js';
import type { Label } from './names/label.js';
import type { CallLesson } from './names/name-lesson.js';
import { OpenLessons } from './names/open-lessons.js';
import { FieldsByPlan, type OperationFields } from './names/operation-fields.js';
import { ByShape } from './operation-shapes.js';
import type { Compound } from './operations.js';
import type { Procedure } from './procedure.js';

/** What a call leaves for its reply. */
export type CallNames = CallLesson | Steps;

const operationHandles = new FieldsByPlan((plan) => handlePaths(plan));

export class Names {
  private readonly files = new FileNames();
  private readonly walk = new HandleWalk(this.files);
  private readonly lessons = new OpenLessons();
  private server = 0;
  private client: Endpoint | null = null;
  private readonly lastEndpoints: [Endpoint | null, Endpoint | null] = [null, null];
  private readonly lastNumbers: [number, number] = [0, 0];

  /** Handles and names that were forgotten, and calls whose replies could teach nothing because too many waited. */
  get evicted(): number {
    return this.files.evicted + this.lessons.dropped;
  }

  /** Begins a message; `server` is where its call went. */
  begin(message: Message, server: Endpoint | null): void {
    const isCall = message.type === CALL;
    this.files.begin();
    this.server = this.numberOf(0, server ?? (isCall ? message.destination : message.source));
    this.client = isCall ? message.source : message.destination;
  }

  /** A call opens an exchange: drops what an earlier exchange in the same slot left for its reply. */
  open(exchange: number): void {
    this.lessons.open(exchange);
  }

  /** Keeps what the reply to this call will need, to learn names from it. */
  remember(exchange: number, procedure: Procedure, compound: Compound | null, extent: Extent): void {
    const { files, server, lessons } = this;
    const lesson =
      compound !== null
        ? this.walk.remember(server, extent, compound)
        : (procedure.nameLesson?.remember(files, server, extent, procedure.callSummary) ?? null);
    if (lesson !== null) lessons.keep(exchange, lesson);
  }

  /** True when the reply to a call may teach something. */
  awaits(exchange: number): boolean {
    return this.lessons.has(exchange);
  }

  /** Learns from a reply and its call, once for each call. */
  learn(exchange: number, procedure: Procedure, compound: Compound | null, extent: Extent, isError: boolean): void {
    const { files, server } = this;
    const lesson = this.lessons.take(exchange);
    if (lesson === null) return;
    if (compound !== null) this.walk.learn(server, extent, compound, isError, lesson as Steps);
    else if (!isError) {
      procedure.nameLesson?.learn(files, server, extent, procedure.replySummary, lesson as CallLesson);
    }
  }

  /** Writes the path of a handle; false when it has none. */
  write(out: ByteWriter, bytes: Uint8Array, start: number, end: number): boolean {
    const file = this.find(bytes, start, end);
    return file !== null && this.files.paths.write(out, file);
  }

  /** Writes the path of a handle, or its hash where that is all that is known of it; false when it was not seen before. */
  writeHandle(out: ByteWriter, bytes: Uint8Array, start: number, end: number): boolean {
    const file = this.find(bytes, start, end);
    return file !== null && (this.files.paths.write(out, file) || writeHash(out, file));
  }

  protected find(bytes: Uint8Array, start: number, end: number): File | null {
    const { files, server, client } = this;
    // A server that calls back speaks of its own handles.
    const file = files.find(server, bytes, start, end);
    return file !== null || client === null ? file : files.find(this.numberOf(1, client), bytes, start, end);
  }

  /** All paths of a file of a server, the one learnt last first, with a character for each byte; none where it has no name. */
  pathsOf(server: Endpoint, handle: Uint8Array): string[] {
    const { files } = this;
    files.begin();
    const file = files.find(this.numberOf(0, server), handle, 0, handle.length);
    return file === null ? [] : files.paths.of(file);
  }

  /** The path of a handle as text, or the hash of one that has no name. */
  labelOf(bytes: Uint8Array, start: number, end: number): Label {
    const { files, server } = this;
    return files.paths.labelOf(this.find(bytes, start, end) ?? files.fileOf(server, bytes, start, end));
  }

  /** The link that `bytes[start..end)` names in a directory; null when it is not known. */
  linkOf(dir: File, bytes: Uint8Array, start: number, end: number): Link | null {
    return this.files.findLink(dir, bytes, start, end);
  }

  /**
   * Calls `visit` for each handle of a message that is in no array or list, with the path of its field
   * (`args.object.data`) and the range of its bytes.
   */
  each(body: NamedBody, visit: (field: string, start: number, end: number) => void): void {
    const { procedure, compound, extent, message } = body;
    const isCall = message.type === CALL;
    if (procedure === null) return;
    if (compound !== null) return eachOperation(compound, extent, isCall ? 'args' : 'result', visit);
    const summary = isCall ? procedure.callSummary : procedure.replySummary;
    for (const { field, plan, extra } of isCall ? procedure.callHandles : procedure.replyHandles) {
      const at = summary.at(extra);
      if (at >= 0) visit(field, startOf(plan, at), endOfBytes(plan, extent.bytes, at));
    }
  }

  /** A number that stands for an address. */
  private numberOf(index: 0 | 1, endpoint: Endpoint): number {
    const { lastEndpoints, lastNumbers } = this;
    if (lastEndpoints[index] === endpoint) return lastNumbers[index];
    beginFingerprint(0);
    addText(endpoint.address);
    lastEndpoints[index] = endpoint;
    lastNumbers[index] = fingerprint.low ^ fingerprint.high;
    return lastNumbers[index];
  }
}

/** The parts of a dissection that naming the handles of its body takes. */
export interface NamedBody {
  message: Message;
  procedure: Procedure | null;
  compound: Compound | null;
  extent: Extent;
}

/** A handle in an operation of a compound. */
interface OperationHandle {
  index: number;
  fields: OperationFields;
  /** The index of the handle among these fields. */
  place: number;
  /** Its path in records: `args.argarray[0].opputfh.object`. */
  path: string;
}

/** The handles of the operations of a shape. */
const handlesOfShapes = new ByShape<OperationHandle[]>();

function handlesOf({ shape, field }: Compound, root: string): OperationHandle[] {
  const handles: OperationHandle[] = [];
  shape.kinds().forEach((kind, index) => {
    if (kind.plan === null) return;
    const fields = operationHandles.of(kind.plan, kind.name);
    fields.paths.forEach((path, place) => {
      handles.push({ index, fields, place, path: `${root}.${field}[${index}].${kind.field}.${path}` });
    });
  });
  handlesOfShapes.set(shape, handles);
  return handles;
}

function eachOperation(
  compound: Compound,
  extent: Extent,
  root: string,
  visit: (field: string, start: number, end: number) => void,
): void {
  const handles = handlesOfShapes.get(compound.shape) ?? handlesOf(compound, root);
  for (const { index, fields, place, path } of handles) {
    if (place === 0) fields.find(extent, compound.operations[index].at);
    const found = fields.at(place);
    if (found < 0) continue;
    const plan = fields.plans[place];
    visit(path, startOf(plan, found), endOfBytes(plan, extent.bytes, found));
  }
}
