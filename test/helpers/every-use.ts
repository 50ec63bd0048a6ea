/** Puts a `.x` to every use that a capture may: all procedures, all products, and what replies teach. */
import { checkHints } from '../../src/dissect/check-hints.js';
import type { Extent } from '../../src/dissect/extent.js';
import { makeFieldIndex } from '../../src/dissect/field-index.js';
import { FileNames } from '../../src/dissect/names/file-names.js';
import { Procedure } from '../../src/dissect/procedure.js';
import type { Summary, SummaryContext } from '../../src/dissect/summary.js';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { parseXdr } from '../../src/xdr/parse-xdr.js';
import { Products } from '../xdr/codegen-products.js';

export interface Complaints {
  errors: string[];
  warnings: string[];
  /** Summaries of all messages, call and reply in turn. */
  lines: string[];
}

/** What a `.x` is told; each of `messages` is read as arguments and as result of all of its procedures. */
export function useFully(text: string, messages: readonly Uint8Array[] = []): Complaints {
  const { specification, diagnostics } = parseXdr({ name: 'used.x', text });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  if (errors.length > 0) return { errors, warnings: [], lines: [] };
  const warnings = checkHints(specification).map(({ message }) => message);
  const builder = new PlanBuilder(specification);
  const plans = specification.programs.flatMap((program) => program.versions.map((v) => builder.program(program, v)));
  makeFieldIndex(plans);
  const lines: string[] = [];
  for (const { procedures } of plans) {
    for (const number of procedures.keys()) {
      const procedure = new Procedure(procedures.get(number)!);
      for (const message of messages) lines.push(...useProcedure(procedure, message));
    }
  }
  return { errors, warnings, lines };
}

function useProcedure(procedure: Procedure, bytes: Uint8Array): [string, string] {
  const { plan, callSummary, replySummary, nameLesson } = procedure;
  const products = new Products();
  products.compare(plan.arguments, bytes);
  products.compare(plan.result, bytes);
  const extent: Extent = { bytes, at: 0, end: bytes.length, limit: bytes.length };
  const lines: [string, string] = [lineOf(callSummary, extent), lineOf(replySummary, extent)];
  const names = new FileNames();
  const lesson = nameLesson?.remember(names, 1, extent, callSummary) ?? null;
  if (lesson !== null) nameLesson!.learn(names, 1, extent, replySummary, lesson);
  procedure.announcement?.remember(extent);
  procedure.readContext(extent);
  return lines;
}

function lineOf(summary: Summary, extent: Extent): string {
  const out = new ByteWriter(64);
  const context: SummaryContext = {
    bytes: extent.bytes,
    programs: () => undefined,
    callField: () => undefined,
    writeBody: () => {},
  };
  summary.find(extent);
  summary.write(out, context, extent);
  return out.toString();
}
