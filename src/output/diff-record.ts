/**
 * Findings of a comparison as records (schemas/diff.schema.json), one JSON object a line:
 * exchanges that are missing, extra or out of order, and each changed field with its whole value.
 */
import type { FieldDifference } from '../analysis/diff/differences.js';
import type { ComparedExchange } from '../analysis/diff/exchange.js';
import type { Finding } from '../analysis/diff/findings.js';
import { type ByteWriter, jsonString } from '../xdr/byte-writer.js';
import { fieldJson } from './diff-values.js';
import { writeUtc } from './time.js';

export class DiffRecords {
  constructor(private readonly out: ByteWriter) {}

  write(finding: Finding): void {
    if (finding.kind === 'changed') {
      for (const difference of finding.differences) this.writeField(finding.expected, finding.actual, difference);
      return;
    }
    const { out } = this;
    const expected = finding.kind === 'extra' ? null : finding.expected;
    const actual = finding.kind === 'missing' ? null : finding.actual;
    this.begin(finding.kind, (expected ?? actual)!);
    out.ascii(',"expected":');
    this.writeReference(expected);
    out.ascii(',"actual":');
    this.writeReference(actual);
    if (finding.kind === 'order') out.ascii(`,"passed":${finding.passed.count}`);
    out.ascii('}\n');
  }

  private writeField(expected: ComparedExchange, actual: ComparedExchange, difference: FieldDifference): void {
    const { out } = this;
    const { path, contradiction } = difference;
    this.begin('changed', expected);
    out.utf8(`,"path":${jsonString(path)}`);
    if (difference.expected !== undefined) out.utf8(`,"expected":${fieldJson(difference.expected)}`);
    if (difference.actual !== undefined) out.utf8(`,"actual":${fieldJson(difference.actual)}`);
    if (contradiction?.expected) out.utf8(`,"actual_before":${jsonString(String(contradiction.expected.actual))}`);
    if (contradiction?.actual) out.utf8(`,"expected_before":${jsonString(String(contradiction.actual.expected))}`);
    out.ascii(',"expected_exchange":');
    this.writeReference(expected);
    out.ascii(',"actual_exchange":');
    this.writeReference(actual);
    out.ascii('}\n');
  }

  private begin(kind: Finding['kind'], { reference }: ComparedExchange): void {
    const { out } = this;
    const { program, programNumber, version, procedure, procedureNumber } = reference;
    out.ascii(`{"kind":"${kind}"`);
    if (program !== undefined) out.utf8(`,"program":${jsonString(program)}`);
    if (programNumber >= 0) out.ascii(`,"program_number":${programNumber}`);
    if (version >= 0) out.ascii(`,"version":${version}`);
    if (procedure !== undefined) out.utf8(`,"procedure":${jsonString(procedure)}`);
    if (procedureNumber >= 0) out.ascii(`,"procedure_number":${procedureNumber}`);
  }

  private writeReference(exchange: ComparedExchange | null): void {
    const { out } = this;
    if (exchange === null) return out.ascii('null');
    const { reference } = exchange;
    const { frame, replyFrame, file, replyFile, client, server } = reference;
    out.ascii('{');
    if (file !== undefined) out.utf8(`"file":${jsonString(file)},`);
    out.ascii(`"frame":${frame < 0 ? 'null' : frame},"reply_frame":${replyFrame < 0 ? 'null' : replyFrame}`);
    if (replyFile !== undefined) out.utf8(`,"reply_file":${jsonString(replyFile)}`);
    out.ascii(',"time":"');
    writeUtc(out, reference.seconds, reference.nanoseconds);
    out.ascii(`","transport":"${reference.transport}"`);
    out.ascii(`,"client":"${client.address}","client_port":${client.port}`);
    out.ascii(`,"server":"${server.address}","server_port":${server.port}`);
    out.ascii(`,"connection":${reference.connection},"xid":${reference.xid}`);
    out.utf8(`,"summary":${jsonString(reference.summary)}}`);
  }
}
