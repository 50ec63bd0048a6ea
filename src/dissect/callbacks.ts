/**
 * Recognises NFSv4 callbacks (RFC 7530 §16.33, RFC 8881 §18.33, §18.36). Calls announce as which program a client
 * serves them; a call of a transient program is a callback if that was announced, or if it is a CB_COMPOUND to its last
 * byte. Versions 1 and 4 both occur. Programs that the user defined are left alone.
 */
import { MAX_CACHED_TEXTS } from '../limits/xdr.js';
import { type CallbackPrograms, isTransient } from '../rpc/callback-programs.js';
import { CALL, type Message } from '../rpc/message.js';
import { parseUniversalAddress } from '../xdr/address.js';
import { read32 } from '../xdr/bytes.js';
import { fills } from '../xdr/codegen-extract.js';
import { extract, wantPaths } from '../xdr/extract.js';
import type { UndecodedReason } from '../xdr/tree-node.js';
import type { DissectorLibrary } from './library.js';
import { ByShape, type Operation, type Shape } from './operation-shapes.js';
import type { Compound } from './operations.js';
import { Procedure, type Wants } from './procedure.js';

/** The number of the callback program in nfs4.x; it stands for all numbers that clients serve callbacks as. */
export const NFS_CB = 0x40000000;
/** Its name there, which dissections of all of them have. */
export const CALLBACK_PROGRAM = 'NFS_CB';
const NFS = 100003;
const CB_COMPOUND = 1;

/**
 * Operations that announce a program: the paths in their arguments
 * of its number, and of the address where it is reached.
 */
const ANNOUNCEMENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['SETCLIENTID', ['callback.cb_program', 'callback.cb_location.na_r_addr']],
  ['CREATE_SESSION', ['csa_cb_program']],
  ['BACKCHANNEL_CTL', ['bca_cb_program']],
]);

/** The operations of a shape that announce a program. */
interface Announcement {
  index: number;
  paths: readonly string[];
}

const announcements = new ByShape<Announcement[]>();

function announcementsOf(shape: Shape): Announcement[] {
  let found = announcements.get(shape);
  if (found === undefined) {
    found = shape.kinds().flatMap(({ name }, index) => {
      const paths = ANNOUNCEMENTS.get(name);
      return paths === undefined ? [] : [{ index, paths }];
    });
    announcements.set(shape, found);
  }
  return found;
}

export class Callbacks {
  /** By wire number, version and procedure: what writers keep of a procedure has its program in it. */
  private readonly procedures = new Map<string, Procedure>();

  constructor(
    private readonly library: DissectorLibrary,
    private readonly programs: CallbackPrograms,
    private readonly wants: Wants,
  ) {}

  /** True for a callback and for the reply to one. */
  isCallback(message: Message): boolean {
    const { program } = message;
    if (!isTransient(program) || this.library.isUserDefined(program)) return false;
    const isCall = message.type === CALL;
    const client = (isCall ? message.destination : message.source).address;
    if (this.programs.has(client, program)) return true;
    if (!isCall || !this.decodes(message)) return false;
    this.programs.learn(client, program);
    return true;
  }

  /** The procedure that a callback calls or answers, or why there is none. */
  procedure({ program, version, procedure }: Message): Procedure | UndecodedReason {
    const key = `${program}.${version}.${procedure}`;
    let found = this.procedures.get(key);
    if (found === undefined) {
      const versions = this.library.find(NFS_CB, version);
      if (typeof versions === 'string') return versions;
      const plan = versions.procedures.get(procedure);
      if (plan === undefined) return 'unknown_procedure';
      found = new Procedure(plan, undefined, this.wants);
      if (this.procedures.size >= MAX_CACHED_TEXTS) this.procedures.clear();
      this.procedures.set(key, found);
    }
    return found;
  }

  /** Learns what the operations of an NFSv4 call announce. */
  learn(message: Message, compound: Compound, end: number): void {
    if (message.program !== NFS) return;
    for (const { index, paths } of announcementsOf(compound.shape)) {
      this.learnFrom(message, compound.operations[index], paths, end);
    }
  }

  private learnFrom(message: Message, { plan, at }: Operation, paths: readonly string[], end: number): void {
    if (plan === null) return;
    const { bytes } = message;
    const slots = new Int32Array(2 * paths.length);
    extract(plan, wantPaths(paths), bytes, at, end, end, slots);
    const [program, , location] = slots;
    if (program < 0) return;
    this.programs.learn(message.source.address, read32(bytes, program));
    if (location === undefined || location < 0) return;
    const text = Buffer.from(bytes.subarray(location + 4, location + 4 + read32(bytes, location))).toString('latin1');
    const address = parseUniversalAddress(text);
    if (address !== null) this.programs.learn(address.host, read32(bytes, program));
  }

  private decodes(message: Message): boolean {
    const { bytes, body, procedure, version } = message;
    const plan = this.library.find(NFS_CB, version);
    if (typeof plan === 'string' || procedure !== CB_COMPOUND || body < 0 || message.isTruncated) return false;
    const compound = plan.procedures.get(CB_COMPOUND);
    return compound !== undefined && fills(compound.arguments, bytes, body, message.start + message.length);
  }
}
