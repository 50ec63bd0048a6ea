/**
 * The oracle: a `.x` file, Debian's rpcgen, a C compiler and libtirpc make a program that decodes messages and prints them. Also
 * the form of its committed tables (fixtures/rpcgen), by which rpcdump is compared where none of these are installed.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PlanBuilder } from '../../src/xdr/build-plan.js';
import type { Source, Specification, TypeDefinition, XdrType } from '../../src/xdr/model.js';
import { parseXdr, renderDiagnostic } from '../../src/xdr/parse-xdr.js';
import type { Plan } from '../../src/xdr/plan.js';
import { MessageMaker } from './random-message.js';
import { printerProgram, renamingHeader } from './rpcgen-printer.js';

/** Messages of a file at least, and at most those for arms of unions; every root type is in one. */
const MIN_MESSAGES = 24;
const MAX_MESSAGES = 180;
const SECONDS = 60_000;

/** One line of a table. `read` is null where the C program refuses the message. */
export interface OracleRow {
  type: string;
  message: Buffer;
  read: number | null;
  text: string;
}

/** Why the oracle cannot be made of a file, in rpcgen's or the C compiler's words. */
export class RefusedByRpcgen extends Error {}

/** What is missing on this machine, or null. */
export function missingTools(): string | null {
  const missing = ['rpcgen', 'cc'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
  return missing.length > 0 ? `${missing.join(' and ')} not installed` : null;
}

/** The file's types as the language alone has them: hints are taken for the comments that they are to rpcgen. */
export function specificationWithoutHints(file: string): Specification {
  const sourceOf = (name: string): Source => ({ name, text: readFileSync(name, 'utf8').replaceAll('/*@', '/* ') });
  const include = (name: string) => {
    try {
      return sourceOf(join(dirname(file), name));
    } catch {
      return 'no such file';
    }
  };
  const { specification, diagnostics } = parseXdr(sourceOf(file), { include });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(renderDiagnostic).join('\n'));
  return specification;
}

/** The plans of a specification's types, by name. */
export function plansOf(specification: Specification): (type: string) => Plan {
  const builder = new PlanBuilder(specification);
  return (type) => {
    const plan = builder.typePlan(type);
    if (plan === undefined) throw new Error(`there is no type ${type} any more`);
    return plan;
  };
}

/** Makes the oracle's program and has it read random messages. @throws RefusedByRpcgen */
export function makeRows(file: string, seed = 1): OracleRow[] {
  const specification = specificationWithoutHints(file);
  const roots = rootTypes(specification);
  return withProgram(file, specification, roots, (program) => {
    const messages = randomMessages(specification, seed);
    const input = messages.map(({ type, message }) => `${roots.indexOf(type)} ${message.toString('hex')}\n`).join('');
    const answers = run(program, [], input).trimEnd().split('\n');
    return messages.map((each, index) => ({ ...each, ...parseAnswer(answers[index]) }));
  });
}

/** The messages that the program is to read: those of a table, where nothing is said of the seed. */
export function randomMessages(specification: Specification, seed = 1): { type: string; message: Buffer }[] {
  const roots = rootTypes(specification);
  const planOf = plansOf(specification);
  const maker = new MessageMaker(seed);
  const messages: { type: string; message: Buffer }[] = [];
  const add = (type: string) => messages.push({ type, message: maker.message(planOf(type)) });
  for (let i = 0; i < Math.max(MIN_MESSAGES, roots.length); i++) add(roots[i % roots.length]);
  for (let turn = 0, idle = 0; idle < roots.length && messages.length < MAX_MESSAGES; turn++) {
    const type = roots[turn % roots.length];
    idle = maker.hasOpenArms(planOf(type)) ? 0 : idle + 1;
    if (idle === 0) add(type);
  }
  const every = (nth: number) => messages.filter((_, index) => index % nth === 0);
  return [
    ...messages,
    ...every(3).map(({ type, message }) => ({ type, message: maker.damaged(message) })),
    ...every(5).map(({ type }) => ({ type, message: maker.message(planOf(type), true) })),
  ];
}

/** What procedures take and give by name, and what no other type holds. */
function rootTypes({ types, programs }: Specification): string[] {
  const held = new Set<TypeDefinition>();
  for (const definition of types.values())
    for (const each of heldBy(definition.type)) if (each !== definition) held.add(each);
  const used = new Set(
    programs
      .flatMap((program) => program.versions.flatMap((version) => version.procedures))
      .flatMap((procedure) => [procedure.result, ...procedure.arguments.map((argument) => argument.type)])
      .flatMap((type) => heldBy(type)),
  );
  return [...types.values()].filter((each) => used.has(each) || !held.has(each)).map(({ name }) => name);
}

function heldBy(type: XdrType): TypeDefinition[] {
  switch (type.kind) {
    case 'named':
      return [type.definition];
    case 'arrayFixed':
    case 'arrayVariable':
    case 'optional':
      return heldBy(type.element);
    case 'struct':
      return type.fields.flatMap((field) => heldBy(field.type));
    case 'union': {
      const arms = [...type.arms.map((arm) => arm.field), type.defaultArm ?? null];
      return [type.discriminant, ...arms].flatMap((field) => (field ? heldBy(field.type) : []));
    }
    default:
      return [];
  }
}

function withProgram<T>(file: string, specification: Specification, roots: string[], use: (program: string) => T): T {
  if (roots.length === 0) throw new RefusedByRpcgen('no types to decode');
  return withFolder((folder) =>
    use(buildProgram(folder, file, specification, (header) => printerProgram(header, specification, roots))),
  );
}

/** Gives a folder that is removed behind it. */
export function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'rpcgen-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Runs rpcgen and cc; answers the program's path.
 * @param textOf Gives the C text beside rpcgen's, which includes `header`.
 * @throws RefusedByRpcgen
 */
export function buildProgram(
  folder: string,
  file: string,
  specification: Specification,
  textOf: (header: string) => string,
): string {
  for (const name of readdirSync(dirname(file))) {
    if (name.endsWith('.x')) copyFileSync(join(dirname(file), name), join(folder, name));
  }
  const name = basename(file);
  run('rpcgen', ['-C', '-h', '-o', 'types.h', name], '', folder);
  run('rpcgen', ['-C', '-c', '-o', 'decode.c', name], '', folder);
  const header = name.replace(/\.x$/, '.h');
  const types = readFileSync(join(folder, 'types.h'), 'utf8');
  const include = '#include <rpc/rpc.h>';
  writeFileSync(join(folder, header), types.replace(include, `${include}\n#include "renamed.h"`));
  writeFileSync(join(folder, 'renamed.h'), renamingHeader(specification));
  writeFileSync(join(folder, 'main.c'), textOf(header));
  const sources = ['-w', '-O0', '-I/usr/include/tirpc', '-iquote', '.', 'decode.c', 'main.c'];
  run('cc', [...sources, '-ltirpc', '-lm', '-o', 'oracle'], '', folder);
  return join(folder, 'oracle');
}

function run(command: string, args: string[], input: string, cwd?: string): string {
  const { stdout, stderr, status } = spawnSync(command, args, { input, cwd, timeout: SECONDS, encoding: 'utf8' });
  if (status !== 0) throw new RefusedByRpcgen(`${basename(command)}: ${stderr.trim().slice(0, 300)}`);
  return stdout;
}

function parseAnswer(line: string): Pick<OracleRow, 'read' | 'text'> {
  const [read, text] = line.split('\t');
  return { read: read === '-' ? null : Number(read), text };
}

/** A table's text: the `.x` file's path from the project's root, then a row a line. */
export function formatTable(source: string, rows: OracleRow[]): string {
  const lines = rows.map(({ type, message, read, text }) =>
    [type, message.toString('hex'), read ?? '-', text].join('\t'),
  );
  return `${[`# ${source}`, ...lines].join('\n')}\n`;
}

export function parseTable(table: string): { source: string; rows: OracleRow[] } {
  const [first, ...lines] = table.trimEnd().split('\n');
  const rows = lines.map((line) => {
    const [type, hex, read, text] = line.split('\t');
    return { type, message: Buffer.from(hex, 'hex'), ...parseAnswer(`${read}\t${text}`) };
  });
  return { source: first.slice(2), rows };
}
