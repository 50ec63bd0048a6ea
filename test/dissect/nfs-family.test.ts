/**
 * The tables of what the NFS family defines, each row with where it is defined: procedures of NFS, MOUNT, NLM, NSM, NFSACL, RQUOTA,
 * KLM and others (nfs-family.tsv), operations, callbacks and attributes of NFSv4 (nfs4-sections.tsv). Each has types
 * of its own here, none of them plain bytes; and nothing is defined here that no table has.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DISSECTORS, readSpecification } from '../../src/dissect/library.js';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import type { ProgramDefinition, VersionDefinition, XdrType } from '../../src/xdr/model.js';
import type { Plan, UnionPlan } from '../../src/xdr/plan.js';

function readTable(path: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const columns = header.split('\t');
  return lines.map((line) => {
    const values = line.split('\t');
    return Object.fromEntries(columns.map((column, i) => [column, values[i]]));
  });
}

/** Types that are bytes and nothing else; file handles are bytes to all but their server. */
function isPlainBytes(plan: Plan): boolean {
  return (plan.kind === 'opaque' && plan.role === undefined) || plan.kind === 'rest';
}

function typeName(type: XdrType): string {
  return type.kind === 'named' ? type.definition.name : type.kind;
}

describe('procedures', () => {
  const rows = readTable(fileURLToPath(new URL('nfs-family.tsv', import.meta.url)));
  const files = [...new Set(rows.map(({ file }) => file))];

  function rowsOf(file: string, program: ProgramDefinition, version: VersionDefinition): string[] {
    const builder = new PlanBuilder(readSpecification(join(DISSECTORS, file)));
    const plans = builder.program(program, version).procedures;
    return version.procedures.map(({ number, name, arguments: types, result }) => {
      const plan = plans.get(number)!;
      expect([name, isPlainBytes(plan.arguments), isPlainBytes(plan.result)]).toEqual([name, false, false]);
      const call = types.map(({ type }) => typeName(type)).join(',') || 'void';
      return [program.number, version.number, number, name, call, typeName(result)].join(' ');
    });
  }

  test.each(files)('%s', (file) => {
    const expected = rows
      .filter((row) => row.file === file)
      .map((row) => [row.program, row.version, row.procedure, row.name, row.arguments, row.result].join(' '));
    const { programs } = readSpecification(join(DISSECTORS, file));
    expect(
      programs.flatMap((program) => program.versions.flatMap((version) => rowsOf(file, program, version))),
    ).toEqual(expected);
  });

  test('every row says where it is defined', () => {
    expect(rows.filter(({ source }) => !source)).toEqual([]);
    expect(rows.filter(({ source, section }) => source.startsWith('RFC') && !section)).toEqual([]);
  });
});

describe('NFSv4', () => {
  const rows = readTable(join(import.meta.dirname, 'nfs4-sections.tsv'));
  const builder = new PlanBuilder(readSpecification(join(DISSECTORS, 'nfs4/nfs4.x')));
  const union = (name: string) => builder.typePlan(name) as UnionPlan;

  /** Operations without arguments (RFC 8881 §18, RFC 7862 §15): a void arm is all there is to say. */
  const VOID = [
    'GETFH',
    'LOOKUPP',
    'PUTPUBFH',
    'PUTROOTFH',
    'READLINK',
    'RESTOREFH',
    'SAVEFH',
    'ILLEGAL',
    'CB_ILLEGAL',
  ];

  describe.each([
    ['operation', 'nfs_argop4', 'nfs_resop4'],
    ['callback_operation', 'nfs_cb_argop4', 'nfs_cb_resop4'],
  ])('%s', (kind, call, reply) => {
    const expected = rows.filter((row) => row.kind === kind);

    test('all are there, and no other', () => {
      const numbers = expected.map(({ number }) => Number(number));
      for (const name of [call, reply]) {
        expect([...union(name).arms.keys()].sort((a, b) => a - b)).toEqual(numbers.sort((a, b) => a - b));
        expect(union(name).otherwise).toBeUndefined();
      }
      if (kind === 'operation') {
        const consecutive = Array.from({ length: 73 }, (_, i) => i + 3);
        // 76 is not given out.
        expect(numbers).toEqual([...consecutive, 77, 10044]);
      }
    });

    test.each(expected.map(({ number, name }) => [name, Number(number)] as const))('%s', (name, number) => {
      const argument = union(call).arms.get(number);
      const result = union(reply).arms.get(number);
      expect(argument === null).toBe(VOID.includes(name));
      if (argument) expect(isPlainBytes(argument.plan)).toBe(false);
      expect(result?.plan.kind).toMatch(/struct|union/);
      const names = union(call).discriminant.plan;
      expect(names.kind === 'enum' && names.names.get(number)).toBe(`OP_${name}`);
    });
  });

  test('attributes 0 to 92', () => {
    const attributes = rows.filter(({ kind }) => kind === 'attribute');
    const { arms } = union('fattr4_value');
    const found = [...arms].sort(([a], [b]) => a - b).map(([number, arm]) => [number, arm?.name]);
    // 78 and 79 were never given out.
    expect(found).toEqual(
      attributes.map(({ number, name }) => [Number(number), name]).sort(([a], [b]) => Number(a) - Number(b)),
    );
    for (const [number, arm] of arms) expect([number, arm !== null && isPlainBytes(arm.plan)]).toEqual([number, false]);
  });

  test('every row says where it is defined', () => {
    // Sections of a draft move from one to the next.
    const published = rows.filter(({ rfc }) => !rfc.startsWith('draft-ietf-nfsv4-'));
    expect(published.filter(({ rfc, section }) => !/^\d{4}$/.test(rfc) || !/^[\d.]+$/.test(section))).toEqual([]);
  });
});
