/**
 * The tree (`-V`): every field of a message with its offset from
 * the xid, in the terms of RFC 5531, then the fields of the body.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { Dissector } from '../dissect/dissector.js';
import { failureText } from '../dissect/failure.js';
import type { Integrity } from '../dissect/gss.js';
import { describeHandle } from '../dissect/handle-formats/index.js';
import { decodeAuth } from '../dissect/opaque-auth.js';
import type { Related } from '../dissect/related.js';
import { MAX_SHOWN_WORDS } from '../limits/output.js';
import { transportName } from '../network/protocols.js';
import { authFlavor } from '../rpc/auth/index.js';
import {
  ACCEPT_STATS,
  AUTH_STATS,
  type AuthPart,
  CALL,
  type Message,
  MSG_ACCEPTED,
  REJECT_STATS,
  REPLY_STATS,
} from '../rpc/message.js';
import { sanitize, sanitizeSince } from '../terminal/sanitize.js';
import type { Style, Styles } from '../terminal/style.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { padded } from '../xdr/bytes.js';
import { readMechanism } from '../xdr/mechanism.js';
import type { NumberPlan, OpaquePlan, Plan } from '../xdr/plan.js';
import { byteCount, nounFor } from '../xdr/plural.js';
import { isUnset, writeText } from '../xdr/text.js';
import type { Decoded, TreeNode } from '../xdr/tree-node.js';
import { endpointText, frameText } from './endpoint.js';
import { undecodedText } from './list.js';
import { elapsedText, writeUtc } from './time.js';
import { endOf, guessParts } from './words.js';

const INDENT = '  ';

export class TreeWriter {
  private message!: Message;

  constructor(
    private readonly out: ByteWriter,
    private readonly dissector: Dissector,
    private readonly styles: Styles,
    private readonly files: readonly string[] | null,
  ) {}

  /** Writes the message that was dissected last, and an empty line. */
  write(dissection: Dissection): void {
    this.message = dissection.message;
    this.writeTitle(dissection);
    this.writeHeader(dissection);
    this.writeBody(dissection);
    this.out.byte(0x0a);
  }

  private writeTitle(dissection: Dissection): void {
    const { message } = this;
    const { out, styles } = this;
    const kind = message.type === CALL ? 'call' : 'reply';
    const program = dissection.programName ?? (message.hasProgram ? `program ${message.program}` : 'RPC');
    const version = message.version >= 0 ? ` v${message.version}` : '';
    const procedure = dissection.procedureName ?? (message.procedure >= 0 ? `procedure ${message.procedure}` : '');
    this.line(0, styles.heading, `Message ${message.number}: ${program}${version} ${procedure} ${kind}`);
    const file = this.files === null ? '' : ` of ${this.files[message.file]}`;
    const from = this.frameText(message.firstFrame, message.firstFile);
    const frames = message.frameCount > 1 ? ` (${message.frameCount} frames from ${from})` : '';
    this.line(1, null, `Frame ${message.frame}${frames}${file}, connection ${message.connection}`);
    this.start(1);
    writeUtc(out, message.seconds, message.nanoseconds);
    out.utf8(
      `  ${endpointText(message.source)} → ${endpointText(message.destination)}  ${transportName(message.protocol)}`,
    );
    out.utf8(`, ${message.length} bytes\n`);
    if (message.callFrame >= 0) {
      const call = this.frameText(message.callFrame, message.callFile);
      this.line(1, null, `Reply to the call in frame ${call}, after ${elapsedText(message.elapsed)}`);
    }
    this.writeRetransmission(message);
    for (const related of dissection.related) {
      this.line(1, null, relatedText(related, this.frameText(related.frame, related.file)));
    }
  }

  private writeRetransmission(message: Message): void {
    const { warning } = this.styles;
    const first = this.frameText(message.retransmissionFrame, message.retransmissionFile);
    if (message.retransmission === 'duplicate_reply') {
      const same = message.sameBytes ? 'the same bytes' : 'other bytes';
      this.line(1, warning, `Another reply than the one in frame ${first}, ${same}`);
    } else if (message.retransmission !== null) {
      this.line(1, warning, `Another transmission of the call in frame ${first}`);
    }
  }

  /** A frame, with its file where that is not the file of the message. */
  private frameText(frame: number, file: number): string {
    return frameText(frame, file === this.message.file ? undefined : this.files?.[file]);
  }

  // The header (RFC 5531 §9)

  private writeHeader(dissection: Dissection): void {
    const { message } = this;
    this.line(1, this.styles.heading, 'Remote Procedure Call');
    this.field(0, 'xid', `0x${message.xid.toString(16).padStart(8, '0')}`);
    this.field(4, 'mtype', message.type === CALL ? 'CALL' : 'REPLY');
    if (message.type === CALL) this.writeCallHeader(dissection);
    else this.writeReplyHeader(dissection);
  }

  private writeCallHeader(dissection: Dissection): void {
    const { message } = this;
    const name = dissection.programName === undefined ? '' : ` (${dissection.programName})`;
    const procedure = dissection.procedureName === undefined ? '' : ` (${dissection.procedureName})`;
    this.word(8, 'rpcvers', message.rpcVersion);
    this.word(12, 'prog', message.program, name);
    this.word(16, 'vers', message.version);
    this.word(20, 'proc', message.procedure, procedure);
    this.auth('cred', 'credential', dissection);
    this.auth('verf', 'verifier', dissection);
  }

  private writeReplyHeader(dissection: Dissection): void {
    const { message } = this;
    if (message.replyStat < 0) return;
    this.stat(8, REPLY_STATS, message.replyStat, message.replyStat > 1);
    if (message.replyStat === MSG_ACCEPTED) {
      this.auth('verf', 'verifier', dissection);
      const { verifier } = message;
      const at = verifier.start - message.start + padded(verifier.length);
      this.stat(at, ACCEPT_STATS, message.acceptStat, message.acceptStat > 0);
      this.writeMismatch(at + 4);
    } else if (message.rejectStat >= 0) {
      this.stat(12, REJECT_STATS, message.rejectStat, true);
      this.stat(16, AUTH_STATS, message.authStat, true);
      this.writeMismatch(16);
    }
  }

  /** Writes a status by its name, if it is there. */
  private stat(offset: number, names: readonly string[], value: number, isError: boolean): void {
    if (value >= 0) this.field(offset, 'stat', names[value] ?? String(value), isError);
  }

  private writeMismatch(at: number): void {
    this.word(at, 'low', this.message.low);
    this.word(at + 4, 'high', this.message.high);
  }

  private word(offset: number, name: string, value: number, suffix = ''): void {
    if (value >= 0) this.field(offset, name, `${value}${suffix}`);
  }

  private auth(name: string, part: AuthPart, dissection: Dissection): void {
    const { message } = dissection;
    const auth = message[part];
    if (auth.flavor < 0) return;
    const flavor = authFlavor(auth.flavor, message.program);
    const offset = auth.start - message.start;
    this.field(offset - 8, name, `${flavor?.name ?? auth.flavor}, ${byteCount(auth.length)}`);
    if (auth.length === 0) return;
    const decoded = decodeAuth(dissection, part);
    if (decoded === null) {
      this.bytes(auth.start, Math.min(message.end, auth.limit), 3, flavor?.bytesName ?? 'body');
      return;
    }
    for (const child of decoded.root?.children ?? []) this.node(child, 3);
    this.writeRemarks(decoded, 3);
  }

  // The body

  private writeBody(dissection: Dissection): void {
    const { message } = this;
    const { extent, undecoded } = dissection;
    const failure = failureText(dissection);
    const what = message.type === CALL ? 'Arguments' : 'Result';
    const name = dissection.procedureName === undefined ? '' : ` of ${dissection.procedureName}`;
    if (failure !== '') this.line(1, this.styles.error, failure);
    const decoded = this.dissector.decode();
    if (dissection.integrity !== null) this.writeIntegrity(dissection.integrity);
    if (decoded?.root && decoded.root.plan.kind !== 'void') {
      this.line(1, this.styles.heading, `${what}${name}`);
      const { root } = decoded;
      if (root.plan.kind === 'struct' || root.plan.kind === 'union') {
        for (const child of root.children) this.node(child, 2);
      } else this.node(root, 2);
    }
    if (decoded !== null) this.writeRemarks(decoded, 2);
    if (dissection.integrity !== null) this.writeChecksum(dissection.integrity);
    if (undecoded !== null) {
      this.line(
        1,
        this.styles.heading,
        `${what}${name}: ${byteCount(extent.limit - extent.at)}, not decoded (${undecoded})`,
      );
      const end = Math.min(extent.end, extent.limit);
      if (undecoded === 'encrypted') this.bytes(extent.at, end, 2, 'data');
      else this.writeWords(extent.at, end);
    }
    this.writeState();
  }

  /** Writes undecodable bytes as words and texts. */
  private writeWords(at: number, end: number): void {
    const { start, bytes } = this.message;
    const parts = guessParts(bytes, at, end, MAX_SHOWN_WORDS);
    for (const part of parts) {
      if (part.kind === 'bytes') this.bytes(part.at, part.end, 2, 'data');
      else if (part.kind === 'text') this.field(part.at - start, 'text', JSON.stringify(part.text));
      else this.field(part.at - start, 'word', `${part.value} (0x${part.value.toString(16).padStart(8, '0')})`);
    }
    const next = parts.length < MAX_SHOWN_WORDS ? end : endOf(parts[parts.length - 1], bytes);
    if (next < end) this.line(2, null, `… ${end - next} more ${nounFor(end - next, 'byte')}`);
  }

  /** Writes the fields that RPCSEC_GSS puts before a body (rpc_gss_integ_data); its checksum follows the body. */
  private writeIntegrity({ at, length, sequence }: Integrity): void {
    const offset = at - this.message.start;
    this.line(1, this.styles.heading, 'RPCSEC_GSS integrity');
    this.field(offset, 'databody_integ', byteCount(length));
    this.field(offset + 4, 'seq_num', String(sequence));
  }

  private writeChecksum({ checksum, checksumLength }: Integrity): void {
    const { message } = this;
    const start = checksum + 4;
    if (checksum >= 0) this.bytes(start, Math.min(message.end, start + checksumLength), 2, 'checksum');
  }

  private writeState(): void {
    const { message, styles } = this;
    if (message.isTruncated) {
      const kept = message.isKeptInPart ? 'kept' : 'captured';
      this.line(1, styles.warning, `Truncated: ${message.have} of ${message.length} bytes were ${kept}`);
    }
    if (message.headerFault !== null) {
      const { offset, field, reason } = message.headerFault;
      this.line(1, styles.error, `Malformed ${field} at offset ${hex4(offset)}: ${reason}`);
    }
    for (const note of message.notes) this.line(1, styles.warning, `Note: ${note}`);
  }

  private writeRemarks(decoded: Decoded, depth: number): void {
    const { fault, notes, undecoded } = decoded;
    if (fault?.kind === 'malformed') {
      const offset = fault.offset - this.message.start;
      this.line(depth, this.styles.error, `Malformed ${fault.path} at offset ${hex4(offset)}: ${fault.reason}`);
    }
    if (undecoded !== null) {
      this.line(depth, this.styles.warning, undecodedText(undecoded));
    }
    for (const note of notes) this.line(depth, this.styles.warning, `Note: ${note}`);
  }

  /** Writes a decoded field with all fields below it. */
  private node(node: TreeNode, depth: number): void {
    const content = node.plan.kind === 'optional' && node.children.length > 0 ? node.children[0] : node;
    if (content !== node && !isComposite(content)) return this.node(content, depth);
    this.offset(node.offset - this.message.start, depth);
    const start = this.out.length;
    this.out.utf8(node.name);
    this.value(node);
    sanitizeSince(this.out, start);
    this.out.byte(0x0a);
    for (const child of content.children) this.node(child, depth + 1);
  }

  private value(node: TreeNode): void {
    const { out } = this;
    const { plan } = node;
    switch (plan.kind) {
      case 'struct':
        if (plan.display === undefined || node.children.length < plan.fields.length) return;
        // Its fields show the numbers that mean "none"; as a time, they would be one.
        if (isUnset(plan, this.message.bytes, node.offset)) return;
        break;
      case 'union':
      case 'typed':
      case 'body':
        return;
      case 'optional':
        if (node.children.length === 0) out.ascii(': not there');
        return;
      case 'array':
      case 'list':
      case 'dictionary':
        out.ascii(`: ${node.value} ${nounFor(node.value as number, 'element')}`);
        return;
      case 'void':
        out.ascii(': void');
        return;
    }
    out.ascii(': ');
    if (plan.kind === 'string' && plan.bare) return out.utf8(`"${Buffer.from(node.value as Uint8Array).toString()}"`);
    const start = out.length;
    writeText(
      out,
      { bytes: this.message.bytes, programs: this.dissector.programs },
      plan,
      '',
      node.offset,
      -1,
      node.name,
    );
    this.detail(node, start);
  }

  /** Writes the number of a value whose text, from `start` on, is another one, and the bytes of a handle. */
  private detail(node: TreeNode, start: number): void {
    const { plan } = node;
    const { out } = this;
    if (plan.kind === 'enum') out.ascii(` (${node.value})`);
    else if (plan.kind === 'opaque' && plan.role === 'handle') {
      out.byte(0x20);
      out.ascii(`(${byteCount((node.value as Uint8Array).length)}) `);
      out.hex(node.value as Uint8Array, 0, (node.value as Uint8Array).length);
      this.writeFile(plan, node.offset, (node.value as Uint8Array).length);
    } else if (plan.kind === 'opaque' && plan.display?.kind === 'mechanism') {
      const bytes = node.value as Uint8Array;
      const mechanism = readMechanism(bytes, 0, bytes.length);
      // Without a mechanism, `writeText` has written the bytes already.
      if (mechanism === null) return;
      if (mechanism.identifier !== '') out.ascii(` ${mechanism.identifier}`);
      out.ascii(` (${byteCount(bytes.length)}) `);
      out.hex(bytes, 0, bytes.length);
    } else if (isNumber(plan) && plan.display !== undefined) {
      const number = String(node.value);
      if (out.bytes.toString('latin1', start, out.length) !== number) out.ascii(` (${number})`);
    }
  }

  /** Writes the path of a handle's file, and the contents of a handle whose format is known. */
  private writeFile(plan: OpaquePlan, offset: number, length: number): void {
    const { out, message } = this;
    const start = plan.length < 0 ? offset + 4 : offset;
    const before = out.length;
    out.byte(0x20);
    if (!this.dissector.names?.write(out, message.bytes, start, start + length)) out.length = before;
    const described = describeHandle(message.bytes, start, start + length);
    if (described !== null) out.utf8(` [${described}]`);
  }

  private bytes(start: number, end: number, depth: number, name: string): void {
    const { out, message } = this;
    this.offset(start - message.start, depth);
    out.utf8(`${name}: `);
    out.hex(message.bytes, start, Math.max(start, end));
    out.byte(0x0a);
  }

  /** Writes a field of a header or of words. */
  private field(offset: number, name: string, text: string, isError = false): void {
    this.offset(offset, 2);
    const style = isError ? this.styles.error : null;
    this.out.utf8(`${name}: ${style?.open ?? ''}${sanitize(text)}${style?.close ?? ''}\n`);
  }

  /** Begins a line with the offset from the xid. */
  private offset(offset: number, depth: number): void {
    const { out, styles } = this;
    out.ascii(styles.dim.open);
    out.ascii(hex4(offset));
    out.ascii(styles.dim.close);
    out.ascii(INDENT.repeat(depth));
  }

  private start(depth: number): void {
    this.out.ascii('    ');
    this.out.ascii(INDENT.repeat(depth));
  }

  private line(depth: number, style: Style | null, text: string): void {
    if (depth > 0) this.start(depth);
    this.out.ascii(style?.open ?? '');
    const start = this.out.length;
    this.out.utf8(text);
    sanitizeSince(this.out, start);
    this.out.ascii(style?.close ?? '');
    this.out.byte(0x0a);
  }
}

function relatedText({ kind, mechanism }: Related, frame: string): string {
  switch (kind) {
    case 'gss_context':
      return `Security context${mechanism === undefined ? '' : ` of ${mechanism}`}, made in frame ${frame}`;
    case 'request':
      return `Answers the call in frame ${frame}`;
    case 'replay':
      return `Replay of the call in frame ${frame}: the same session, slot and sequence number`;
    case 'blocked':
      return `Grants the lock that was blocked in frame ${frame}`;
  }
}

function hex4(offset: number): string {
  return offset.toString(16).padStart(4, '0');
}

function isNumber(plan: Plan): plan is NumberPlan {
  return ['int', 'unsigned', 'hyper', 'unsignedHyper'].includes(plan.kind);
}

function isComposite(node: TreeNode): boolean {
  return ['struct', 'union', 'array', 'list', 'dictionary', 'optional', 'typed', 'body'].includes(node.plan.kind);
}
