/** The built-in dissectors: every `.x` compiles without a word, every template and hint names what is there. */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DISSECTORS, DissectorLibrary, parseFile } from '../../src/dissect/library.js';
import { Procedure } from '../../src/dissect/procedure.js';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import { renderDiagnostic } from '../../src/xdr/parse-xdr.js';
import { leastSize, type Plan } from '../../src/xdr/plan.js';

const files = readdirSync(DISSECTORS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.x'))
  .sort();

/** Of the least value of a type: more are an array of fixed length that somebody mistyped. */
const MOST_BYTES = 2 ** 16;

describe.each(files)('%s', (file) => {
  const { specification, diagnostics } = parseFile(join(DISSECTORS, file));

  test('parses without a word', () => {
    expect(diagnostics.map(renderDiagnostic)).toEqual([]);
  });

  test('every hint and template fits', () => {
    const problems: string[] = [];
    const builder = new PlanBuilder(specification, (hint, message) => {
      const line = hint.span.source.text.slice(0, hint.span.start).split('\n').length;
      problems.push(`line ${line}: ${message}`);
    });
    for (const name of specification.types.keys()) builder.typePlan(name);
    for (const program of specification.programs) {
      for (const version of program.versions) {
        const plan = builder.program(program, version);
        for (const number of plan.procedures.keys()) {
          const procedure = plan.procedures.get(number)!;
          new Procedure(procedure, (message) =>
            problems.push(`${plan.name} v${plan.version} ${procedure.name}: ${message}`),
          );
        }
      }
    }
    expect(problems).toEqual([]);
  });

  test('names are short, and no two procedures share one', () => {
    for (const program of specification.programs) {
      for (const version of program.versions) {
        const plan = new PlanBuilder(specification).program(program, version);
        const names = [...plan.procedures.keys()].map((number) => plan.procedures.get(number)!.name);
        expect(plan.name).toMatch(/^[A-Z][A-Za-z0-9_+-]{0,23}$/);
        expect(plan.title).not.toBe('');
        expect(new Set(names).size).toBe(names.length);
        expect(names.filter((name) => !/^\w+$/.test(name))).toEqual([]);
        expect(plan.procedures.get(0)?.arguments.kind ?? 'void').toBe('void');
      }
    }
  });

  test('every type has a value of few bytes', () => {
    const builder = new PlanBuilder(specification);
    const sizes = [...specification.types.keys()].map((name) => [name, leastSize(builder.typePlan(name)!)] as const);
    expect(sizes.filter(([, size]) => size >= MOST_BYTES)).toEqual([]);
  });
});

test('the library knows them all, one file a program and version', () => {
  const entries = new DissectorLibrary().list();
  const keys = entries.map(({ programNumber, version }) => `${programNumber}.${version}`);
  expect(new Set(keys).size).toBe(keys.length);
  const known = new Set(entries.map(({ file }) => relative(DISSECTORS, file)));
  // A file without programs is there to be included, the template to be copied.
  const others = files.filter(
    (file) => !known.has(file) && parseFile(join(DISSECTORS, file)).specification.programs.length > 0,
  );
  expect(others).toEqual(['template/template.x']);
});

/** The short names of programs in records are fixed: scripts select by them. */
test.each([
  [100000, 2, 'PORTMAP'],
  [100000, 3, 'RPCBIND'],
  [100000, 4, 'RPCBIND'],
  [100003, 2, 'NFS'],
  [100003, 3, 'NFS'],
  [100005, 1, 'MOUNT'],
  [100005, 2, 'MOUNT'],
  [100005, 3, 'MOUNT'],
  [100021, 4, 'NLM'],
  [100024, 1, 'NSM'],
  [100227, 3, 'NFSACL'],
  [100011, 1, 'RQUOTA'],
  [100004, 2, 'YPSERV'],
  [100007, 2, 'YPBIND'],
])('program %i version %i is %s', (program, version, name) => {
  const library = new DissectorLibrary();
  expect(library.programName(program, version)).toBe(name);
  expect(library.find(program, version)).toMatchObject({ number: program, version });
});

test('NFSv3 has its 22 procedures', () => {
  const plan = new DissectorLibrary().find(100003, 3);
  if (typeof plan === 'string') throw new Error(plan);
  expect([...plan.procedures.keys()].map((number) => plan.procedures.get(number)?.name)).toEqual(
    'NULL GETATTR SETATTR LOOKUP ACCESS READLINK READ WRITE CREATE MKDIR SYMLINK MKNOD REMOVE RMDIR RENAME LINK READDIR READDIRPLUS FSSTAT FSINFO PATHCONF COMMIT'.split(
      ' ',
    ),
  );
});

test('fileids, cookies and fsids of NFSv3 are identifiers, sizes are not', () => {
  const plan = new DissectorLibrary().find(100003, 3);
  if (typeof plan === 'string') throw new Error(plan);
  const found = new Map<string, boolean>();
  const seen = new Set<Plan>();
  const visit = (each: Plan, name: string): void => {
    if (each.kind === 'hyper' || each.kind === 'unsignedHyper') found.set(name, each.identifier === true);
    if (seen.has(each)) return;
    seen.add(each);
    if (each.kind === 'struct') for (const field of each.fields) visit(field.plan, field.name);
    if (each.kind === 'union')
      for (const arm of [...each.arms.values(), each.otherwise]) if (arm) visit(arm.plan, arm.name);
    if (each.kind === 'optional' || each.kind === 'list' || each.kind === 'array') visit(each.element, name);
  };
  for (const number of plan.procedures.keys()) {
    const procedure = plan.procedures.get(number)!;
    visit(procedure.arguments, '');
    visit(procedure.result, '');
  }
  for (const name of ['fileid', 'fsid', 'cookie']) expect([name, found.get(name)]).toEqual([name, true]);
  for (const name of ['size', 'used', 'offset', 'tbytes', 'maxfilesize'])
    expect([name, found.get(name)]).toEqual([name, false]);
});
