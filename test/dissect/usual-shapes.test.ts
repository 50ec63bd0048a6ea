/** Operations found by the function that knows the usual shapes are those found step by step: of all fixtures, cut off and damaged too. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test, vi } from 'vitest';
import type { Extent } from '../../src/dissect/extent.js';
import { type Compound, Operations } from '../../src/dissect/operations.js';
import { UsualShapes } from '../../src/dissect/usual-shapes.js';
import { Inspection } from '../../src/index.js';
import { CALL } from '../../src/rpc/message.js';
import type { Plan, ProcedurePlan } from '../../src/xdr/plan.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { library, nameOf } from '../helpers/render.js';
import { words } from '../helpers/rpc-writer.js';

interface Body {
  procedure: ProcedurePlan;
  plan: Plan;
  isCall: boolean;
  bytes: Uint8Array;
}

async function compoundsOf(path: string): Promise<Body[]> {
  const bodies: Body[] = [];
  const inspection: Inspection = await Inspection.open([path], { library }, (dissection) => {
    const { procedure, plan, compound, message, extent } = dissection;
    if (procedure === null || plan === null || compound === null) return;
    const bytes = Uint8Array.from(extent.bytes.subarray(extent.at, extent.end));
    bodies.push({ procedure: procedure.plan, plan, isCall: message.type === CALL, bytes });
  });
  await inspection.run();
  return bodies;
}

const newOperations = ({ procedure }: Body) => new Operations(procedure.operations!);

/** What is found in the first `end` bytes of a body. */
function found(operations: Operations, { plan, isCall }: Body, bytes: Uint8Array, end: number): unknown {
  const extent: Extent = { bytes, at: 0, end, limit: bytes.length };
  return described(operations.find(plan, isCall, false, extent));
}

function described({ operations, main, isComplete, isFilled, shape }: Compound): unknown {
  const each = operations.map(({ name, at, end, status, statusNumber }) => [name, at, end, status, statusNumber]);
  return [each, main, isComplete, isFilled, shape.length];
}

/** Bodies that the function knew, and those of them that were compared. */
let usual = 0;
let compared = 0;
const { find } = UsualShapes.prototype;
vi.spyOn(UsualShapes.prototype, 'find').mockImplementation(function (this: UsualShapes, ...parameters) {
  const shape = find.apply(this, parameters);
  if (shape !== null) usual++;
  return shape;
});
afterAll(() => vi.restoreAllMocks());

/** So many bodies make each shape of a fixture usual. */
const TRAINING = 2400;

test.each(fixtureCaptures().filter((path) => nameOf(path).startsWith('nfs4/')))('%s', async (path) => {
  const bodies = await compoundsOf(path);
  const trained = new Map<ProcedurePlan, Operations>();
  const trainedOf = (body: Body) => {
    const known = trained.get(body.procedure) ?? newOperations(body);
    trained.set(body.procedure, known);
    return known;
  };
  for (let i = 0; i < TRAINING && bodies.length > 0; i++) {
    const body = bodies[i % bodies.length];
    found(trainedOf(body), body, body.bytes, body.bytes.length);
  }
  const isSame = (body: Body, bytes: Uint8Array, end: number) => {
    const before = usual;
    expect(found(trainedOf(body), body, bytes, end)).toEqual(found(newOperations(body), body, bytes, end));
    compared += usual - before;
  };
  bodies.forEach((body, i) => {
    const { bytes } = body;
    const { length } = bytes;
    isSame(body, bytes, length);
    for (const part of [0.3, 0.6, 0.9]) isSame(body, bytes, Math.floor(length * part));
    for (let damage = 0; damage < 8; damage++) {
      const damaged = Uint8Array.from(bytes);
      damaged[(i * 31 + damage * 17) % length] ^= 1 << damage;
      isSame(body, damaged, length);
    }
  });
});

test('many of them were usual', () => {
  expect(compared).toBeGreaterThan(500);
});

/** Operations of NFSv4 whose arguments are void. */
const WITHOUT_ARGUMENTS = [10, 16, 23, 24, 31, 32];
const MEBIBYTE = 2 ** 20;

/** The `index`th of many sequences of `length` such operations, and its arguments in bytes. */
function sequenceOf(index: number, length: number): Uint8Array {
  const base = WITHOUT_ARGUMENTS.length;
  const numbers = Array.from({ length }, (_, place) => WITHOUT_ARGUMENTS[Math.floor(index / base ** place) % base]);
  return words(0, 0, length, ...numbers);
}

test('shapes that are usual do not keep those that were forgotten', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const nfs = library.find(100003, 4);
  if (typeof nfs === 'string') throw new Error(nfs);
  const procedure = nfs.procedures.get(1)!;
  const operations = new Operations(procedure.operations!);
  const find = (bytes: Uint8Array) => {
    operations.find(procedure.arguments, true, false, { bytes, at: 0, end: bytes.length, limit: bytes.length });
  };
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed / MEBIBYTE;
  };
  const before = heap();
  for (let round = 0, rare = 0; round < 20; round++) {
    for (let i = 0; i < 700; i++) find(sequenceOf(round, 7));
    for (let i = 0; i < 900; i++) find(sequenceOf(rare++, 9));
  }
  expect(heap() - before).toBeLessThan(24);
});
