/** Plans that the build writes: what is read is what the `.x` gives, and only while it is the same `.x`. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DISSECTORS, DissectorLibrary, preparePlans, readSpecification } from '../../src/dissect/library.js';
import { readPlans, writePlans } from '../../src/dissect/prepared-plans.js';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import type { ProgramPlan } from '../../src/xdr/plan.js';

const prepared = [...preparePlans(DISSECTORS)].map(([path, bytes]) => ({ path, bytes }));
const read = (folder: string) => (path: string) => readFileSync(join(folder, path));

/** A plan with all its procedures, as plain data. */
const wholePlan = ({ procedures, ...rest }: ProgramPlan) => ({
  ...rest,
  procedures: [...procedures.keys()].map((number) => procedures.get(number)),
});

function builtPlans(file: string) {
  const specification = readSpecification(file);
  return specification.programs.flatMap((program) =>
    program.versions.map((version) => wholePlan(new PlanBuilder(specification).program(program, version))),
  );
}

test.each(prepared.map(({ path, bytes }) => [relative(DISSECTORS, path), path, bytes] as const))(
  '%s has what the .x says',
  (_, path, bytes) => {
    const plans = readPlans(bytes, read(dirname(path)))!.map(wholePlan);
    expect(isDeepStrictEqual(plans, builtPlans(path.replace(/plans$/, 'x')))).toBe(true);
  },
);

describe('plans of a file that includes another one', () => {
  const { path, bytes } = prepared.find(({ path }) => basename(path) === 'gluster-dump.plans')!;
  const texts = new Map(
    ['gluster-dump.x', 'gluster-types.x'].map((name) => [name, read(dirname(path))(name).toString()]),
  );

  test.each([
    ['as they were', {}, true],
    ['another file', { 'gluster-dump.x': '' }, false],
    ['another included file', { 'gluster-types.x': `${texts.get('gluster-types.x')} ` }, false],
    ['without the included file', { 'gluster-types.x': null }, false],
  ])('%s', (_, changes: Record<string, string | null>, count) => {
    const now: Record<string, string | null> = { ...Object.fromEntries(texts), ...changes };
    expect(readPlans(bytes, (name) => (now[name] === null ? null : Buffer.from(now[name]))) !== null).toBe(count);
  });

  test('cut anywhere, they do not count', () => {
    const cut = fc.integer({ min: 0, max: bytes.length - 1 });
    fc.assert(fc.property(cut, (length) => readPlans(bytes.subarray(0, length), read(dirname(path))) === null));
  });

  test('other bytes do not count', () => {
    fc.assert(fc.property(fc.uint8Array(), (other) => readPlans(other, () => new Uint8Array(0)) === null));
    // What V8 reads, but nobody wrote as plans: a number, and an object.
    for (const other of [
      [0xff, 0x0f, 0x49, 0x0a],
      [0xff, 0x0f, 0x6f, 0x7b, 0x00],
    ]) {
      expect(readPlans(Uint8Array.from(other), () => new Uint8Array(0))).toBe(null);
    }
  });
});

describe('a library', () => {
  const text = 'program OF_THE_TEXT { version V { void NULL(void) = 0; } = 1; } = 0x20000001;';
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rpcdump-plans-'));
    mkdirSync(join(folder, 'a'));
    writeFileSync(join(folder, 'a/a.x'), text);
    const plans = new DissectorLibrary([], folder).find(0x20000001, 1) as ProgramPlan;
    writeFileSync(join(folder, 'a/a.plans'), writePlans([{ ...plans, name: 'PREPARED' }], new Map([['a.x', text]])));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const found = () => (new DissectorLibrary([], folder).find(0x20000001, 1) as ProgramPlan).name;

  test('takes the plans beside a .x', () => {
    expect(found()).toBe('PREPARED');
  });

  test('takes the .x when it was changed', () => {
    writeFileSync(join(folder, 'a/a.x'), `${text}\n`);
    expect(found()).toBe('OF_THE_TEXT');
  });

  test('takes the .x when the plans are damaged', () => {
    writeFileSync(join(folder, 'a/a.plans'), 'no plans');
    expect(found()).toBe('OF_THE_TEXT');
  });
});
