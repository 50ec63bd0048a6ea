/** Made-up exchanges, and what `diff` finds between two recordings of them. */
import { Diff } from '../../src/analysis/diff/diff.js';
import { type ComparedExchange, handlesOf } from '../../src/analysis/diff/exchange.js';
import type { Field } from '../../src/analysis/diff/field.js';
import type { Finding } from '../../src/analysis/diff/findings.js';
import { FieldShapes, PackedFields } from '../../src/analysis/diff/packed-fields.js';

/** A call of a procedure on a file, with a number that makes it what it is, and how it came out. */
export interface Step {
  procedure: number;
  file: number;
  argument: number;
  status: number;
  /** The file whose handle the result has. */
  found?: number;
  connection: number;
  client?: string;
  program?: number;
  /** Of a compound: its operations, in place of the procedure's file and number. */
  operations?: readonly string[];
}

const shapes = new FieldShapes();
const PROCEDURES = ['LOOKUP', 'GETATTR', 'READ', 'WRITE', 'RENAME'];

function value(name: string, number: number): Field {
  return { kind: 'value', name, value: number, plan: null };
}

function handle(name: string, text: string): Field {
  return { kind: 'alias', name, value: text, alias: { name: 'handle', isLocal: false } };
}

/** An exchange of a recording that has handles with this prefix. */
function exchangeOf(step: Step, number: number, prefix: string): ComparedExchange {
  const called = PROCEDURES[step.procedure];
  const members = step.operations?.map((name) => value(name, 0)) ?? [
    handle('object', `${prefix}${step.file}`),
    value('argument', step.argument),
  ];
  const args: Field = { kind: 'members', name: 'args', members, isUnion: false };
  const { found } = step;
  const reply = [value('result', step.status), ...(found === undefined ? [] : [handle('found', `${prefix}${found}`)])];
  return {
    number,
    client: step.client ?? '10.0.0.1',
    server: '10.0.0.2',
    program: step.program ?? 100003,
    called,
    action: [called, ...(step.operations ?? [])].join(' '),
    reference: {
      frame: number,
      connection: step.connection,
      program: 'NFS',
      programNumber: 100003,
      version: 3,
      procedureNumber: step.procedure,
      summary: `${called} ${step.argument}`,
    } as ComparedExchange['reference'],
    isAnswered: true,
    fields: new PackedFields(shapes, { call: [args], stats: [], reply }),
    handles: handlesOf([args]),
  };
}

/** Every file is looked up once, before anything is done: then both recordings have its handle. */
export function preambleOf(steps: readonly Step[]): Step[] {
  const files = [...new Set(steps.map((step) => step.file))];
  return files.map((file) => ({ procedure: 0, file, argument: 1000 + file, status: 0, connection: 1 }));
}

interface Options {
  prefix?: string;
  isStrict?: boolean;
  window?: number | undefined;
  preamble?: readonly Step[];
}

/** Compares two recordings of steps, of which each side's handles have a prefix of their own. */
export function diff(
  expected: readonly Step[],
  actual: readonly Step[],
  options: Options = {},
): { findings: Finding[]; diff: Diff } {
  const { prefix = 'other', isStrict = true, window, preamble = preambleOf([...expected, ...actual]) } = options;
  const findings: Finding[] = [];
  const it = new Diff({ isStrict, ...(window !== undefined && { window }) }, (finding) => findings.push(finding));
  const sides = {
    expected: [...preamble, ...expected].map((step, index) => exchangeOf(step, index + 1, 'own')),
    actual: [...preamble, ...actual].map((step, index) => exchangeOf(step, index + 1, prefix)),
  };
  const next = { expected: 0, actual: 0 };
  const isOver = { expected: false, actual: false };
  while (!(isOver.expected && isOver.actual)) {
    for (const side of ['expected', 'actual'] as const) {
      while (next[side] < sides[side].length && it.wants(side)) it.add(side, sides[side][next[side]++]);
      isOver[side] = next[side] === sides[side].length;
    }
    it.settle(isOver);
  }
  return { findings, diff: it };
}

/** A GETATTR of a file. */
export const look = (file: number, argument: number, connection = 1): Step => ({
  procedure: 1,
  file,
  argument,
  status: 0,
  connection,
});

export const kinds = (findings: readonly Finding[]) => findings.map((finding) => finding.kind);
