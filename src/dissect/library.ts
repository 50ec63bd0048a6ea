/**
 * Finds dissectors: the `.x` files below dissectors/, known by an index (program and version → file), and files that
 * the user names, which win. A file is read and compiled when its program is first seen; starting reads the index only.
 * Where the build left plans beside a `.x`, they are taken and nothing is parsed.
 */

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlanBuilder } from '../xdr/build-plan.js';
import { lastWord } from '../xdr/hints.js';
import type { Diagnostic, Source, Specification } from '../xdr/model.js';
import { parseXdr, renderDiagnostic } from '../xdr/parse-xdr.js';
import type { ProgramPlan } from '../xdr/plan.js';
import { checkHints } from './check-hints.js';
import { type FieldIndex, makeFieldIndex } from './field-index.js';
import { readNameTable } from './name-table.js';
import { readPlans, writePlans } from './prepared-plans.js';
import { ProgramRegistry } from './registry.js';

/** A version of a program that has a dissector. */
export interface DissectorEntry {
  /** Short names. */
  program: string;
  programNumber: number;
  version: number;
  title: string;
  procedures: number;
  /** Relative to dissectors/ for built-in ones, as the user wrote it for others. */
  file: string;
}

/** Wireshark's names for the fields of a `.x` file: each with the text of the table, which says what it stands for. */
export interface NameTable {
  /** Those programs of the file that no file of the user's replaces. */
  entries: DissectorEntry[];
  names: ReadonlyMap<string, string>;
}

/** A `.x` file that cannot be used; `message` has one rendered diagnostic after the other. */
export class XdrFileError extends Error {
  override readonly name = 'XdrFileError';
}

const INDEX = 'index.json';
const REGISTRY = 'programs.tsv';
/** The fields of all bodies: beside the index, read when a filter asks for one. */
const FIELDS = 'fields.json';
/** All tables of Wireshark's names: beside the index, read when a filter has a name that nothing else has. */
const NAMES = 'wireshark.json';

/** The folder dissectors/ beside src/, or beside dist/src/. */
export const DISSECTORS = fileURLToPath(new URL('../../dissectors', import.meta.url));

export class DissectorLibrary {
  private readonly entries = new Map<number, Map<number, DissectorEntry>>();
  /** Of all programs that a file defines, by file. */
  private readonly plans = new Map<string, ProgramPlan[]>();
  private readonly registry: ProgramRegistry;
  private readonly userFiles: ReadonlySet<string>;
  private readonly parsed: ParsedFile[] = [];
  /** One line for each of the user's files that adds nothing, or that replaces another one's version of a program. */
  readonly remarks: string[] = [];

  /** @throws XdrFileError when one of the user's files has errors or cannot be read. */
  constructor(
    userFiles: readonly string[] = [],
    private readonly folder = DISSECTORS,
  ) {
    this.registry = new ProgramRegistry(() => readText(join(folder, REGISTRY)));
    for (const entry of readIndex(folder)) this.add({ ...entry, file: `${folder}/${entry.file}` });
    this.userFiles = new Set(userFiles);
    for (const file of userFiles) {
      const parsed = parseSound(file);
      const { specification } = parsed;
      this.parsed.push(parsed);
      this.plans.set(file, plansOf(specification));
      const entries = entriesOf(specification, file);
      if (entries.length === 0) this.remarks.push(`${file}: defines no program`);
      for (const entry of entries) this.addUser(entry);
    }
  }

  /** Warnings about hints in the user's files: those that cannot be read, do not fit, or name nothing. */
  hintWarnings(): Diagnostic[] {
    return this.parsed.flatMap(({ specification, diagnostics }) => [
      ...diagnostics.filter(({ code }) => code === 'bad-hint' || code === 'unattached-hint'),
      ...checkHints(specification),
    ]);
  }

  /** The plan of a program's version, or why there is none. */
  find(program: number, version: number): ProgramPlan | 'unknown_program' | 'unknown_version' {
    const versions = this.entries.get(program);
    if (versions === undefined) return 'unknown_program';
    const entry = versions.get(version);
    return entry === undefined ? 'unknown_version' : this.plan(entry);
  }

  /**
   * The short name of a program's version. A version without a dissector has that of another version; where even the
   * version is not known (-1), all versions must have the same.
   */
  programName(program: number, version: number): string | undefined {
    const versions = this.entries.get(program);
    if (versions === undefined) return this.registry.find(program)?.name;
    const known = versions.get(version);
    if (known !== undefined) return known.program;
    const names = new Set([...versions.values()].map((entry) => entry.program));
    return names.size === 1 || version >= 0 ? this.anyName(program) : undefined;
  }

  /** A short name for a program, whatever its version; what IANA calls it where there is no dissector. */
  anyName(program: number): string | undefined {
    const known = this.entries.get(program)?.values().next().value?.program;
    return known ?? this.registry.find(program)?.name;
  }

  /** True for a program that one of the user's files defines. */
  isUserDefined(program: number): boolean {
    for (const entry of this.entries.get(program)?.values() ?? []) if (this.userFiles.has(entry.file)) return true;
    return false;
  }

  /** All dissectors by program and version. */
  list(): DissectorEntry[] {
    return [...this.entries.values()]
      .flatMap((versions) => [...versions.values()])
      .sort((a, b) => a.programNumber - b.programNumber || a.version - b.version);
  }

  /** The fields of all bodies: as the build indexed them, and those of the user's files. */
  fieldIndexes(): FieldIndex[] {
    const path = join(this.folder, FIELDS);
    const { user, builtIn } = this.entriesByOrigin();
    const indexes = [makeFieldIndex(user.map((entry) => this.plan(entry)))];
    if (!existsSync(path)) return [...indexes, makeFieldIndex(builtIn.map((entry) => this.plan(entry)))];
    const { shapes, programs } = JSON.parse(readFileSync(path, 'utf8')) as FieldIndex;
    const isCurrent = (number: number, version: number) =>
      builtIn.some((entry) => entry.programNumber === number && entry.version === version);
    return [...indexes, { shapes, programs: programs.filter((each) => isCurrent(each.number, each.version)) }];
  }

  /** Wireshark's names for fields of bodies, by `.x` file. */
  nameTables(): NameTable[] {
    const path = join(this.folder, NAMES);
    const tables = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as NamesByFile) : makeNames(this.folder);
    return Object.entries(tables).flatMap(([file, names]) => {
      const entries = this.list().filter((entry) => entry.file === `${this.folder}/${file}`);
      return entries.length === 0 ? [] : [{ entries, names: new Map(Object.entries(names)) }];
    });
  }

  private entriesByOrigin(): { user: DissectorEntry[]; builtIn: DissectorEntry[] } {
    const isBuiltIn = (entry: DissectorEntry) => !this.userFiles.has(entry.file);
    const all = this.list();
    return { user: all.filter((entry) => !isBuiltIn(entry)), builtIn: all.filter(isBuiltIn) };
  }

  private addUser(entry: DissectorEntry): void {
    const { program, programNumber, version, file } = entry;
    const known = this.entries.get(programNumber)?.get(version);
    this.add(entry);
    if (known === undefined || known.file === file || !this.userFiles.has(known.file)) return;
    this.remarks.push(`${file}: replaces ${program} version ${version} of ${known.file}`);
  }

  private add(entry: DissectorEntry): void {
    let versions = this.entries.get(entry.programNumber);
    if (versions === undefined) {
      versions = new Map();
      this.entries.set(entry.programNumber, versions);
    }
    versions.set(entry.version, entry);
  }

  private plan({ file, programNumber, version }: DissectorEntry): ProgramPlan {
    let plans = this.plans.get(file);
    if (plans === undefined) {
      plans = preparedPlans(file) ?? plansOf(readSpecification(file));
      this.plans.set(file, plans);
    }
    const plan = plans.find((candidate) => candidate.number === programNumber && candidate.version === version);
    if (plan !== undefined) return plan;
    throw new XdrFileError(`${file}: program ${programNumber} version ${version} is gone since it was indexed`);
  }
}

function plansOf(specification: Specification): ProgramPlan[] {
  const builder = new PlanBuilder(specification);
  return specification.programs.flatMap((program) =>
    program.versions.map((version) => builder.program(program, version)),
  );
}

/** The plans that the build left for a `.x` file; null where there are none, or the file is another one now. */
function preparedPlans(file: string): ProgramPlan[] | null {
  const prepared = plansFile(file);
  if (!existsSync(prepared)) return null;
  return readPlans(readFileSync(prepared), (path) => readBytesOrNull(join(dirname(file), path)));
}

function plansFile(file: string): string {
  return file.replace(/\.x$/, '.plans');
}

function readBytesOrNull(file: string): Uint8Array | null {
  return existsSync(file) ? readFileSync(file) : null;
}

/** Reads and checks a `.x` file and what it includes from its own folder. */
export function readSpecification(file: string): Specification {
  return parseSound(file).specification;
}

/** Parses a `.x` file. @throws XdrFileError when it has errors or cannot be read. */
function parseSound(file: string): ParsedFile {
  const parsed = parseFile(file);
  const errors = parsed.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.length > 0) throw new XdrFileError(errors.map(renderDiagnostic).join('\n'));
  return parsed;
}

export interface ParsedFile {
  specification: Specification;
  diagnostics: Diagnostic[];
  /** The file and all that it includes. */
  sources: Source[];
}

/** Parses a `.x` file. @throws XdrFileError when it cannot be read. */
export function parseFile(file: string): ParsedFile {
  const sources = [readSource(file)];
  const reader = new IncludeReader(file);
  const include = (name: string, from: Source) => {
    const source = reader.read(name, from);
    if (typeof source !== 'string') sources.push(source);
    return source;
  };
  return { ...parseXdr(sources[0], { include }), sources };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new XdrFileError(`${file}: ${UNREADABLE.get(code) ?? `cannot be read (${code})`}`);
  }
}

const UNREADABLE = new Map([
  ['ENOENT', 'no such file'],
  ['EISDIR', 'is a directory'],
  ['EACCES', 'permission denied'],
]);

/** Reads a `.x` file. A file of bytes, such as a capture, would give an error for nearly every one of them. */
function readSource(file: string): Source {
  const text = readText(file);
  if (text.includes('\0')) throw new XdrFileError(`${file}: is not text, and so no .x file`);
  return { name: file, text };
}

/** Reads what a `.x` file includes. */
class IncludeReader {
  private readonly folder: string;
  /** By path without links, so that a file has one name however it is included. */
  private readonly names = new Map<string, string>();

  /** @param file The file that is read first. */
  constructor(private readonly file: string) {
    this.folder = dirname(resolve(file));
  }

  /**
   * Returns an included file, if it lies below the folder of the file
   * that is read first: a `.x` from a stranger reads nothing else.
   */
  read(name: string, from: Source): Source | string {
    const path = resolve(dirname(from.name), name);
    if (!existsSync(path)) return 'no such file';
    const real = realpathSync(path);
    if (!real.startsWith(realpathSync(this.folder) + sep)) return 'it lies outside of the folder of the including file';
    try {
      return { name: this.nameOf(real, path), text: readFileSync(path, 'utf8') };
    } catch (error) {
      return `cannot be read (${(error as NodeJS.ErrnoException).code})`;
    }
  }

  private nameOf(real: string, path: string): string {
    if (this.names.size === 0) this.names.set(realpathSync(this.file), this.file);
    const name = this.names.get(real) ?? relative('', path);
    this.names.set(real, name);
    return name;
  }
}

/** The versions of programs that a specification defines. */
export function entriesOf(specification: Specification, file: string): DissectorEntry[] {
  return specification.programs.flatMap((program) =>
    program.versions.map((version) => ({
      program: lastWord(version.hints, 'name') ?? lastWord(program.hints, 'name') ?? program.name,
      programNumber: program.number,
      version: version.number,
      title: lastWord(version.hints, 'title') ?? lastWord(program.hints, 'title') ?? '',
      procedures: version.procedures.length,
      file,
    })),
  );
}

/** The index that the build wrote, or one made on the spot where there is none (running from the sources). */
function readIndex(folder: string): DissectorEntry[] {
  const index = join(folder, INDEX);
  return existsSync(index) ? JSON.parse(readFileSync(index, 'utf8')) : makeIndex(folder);
}

/** The folder that is there to be copied: it decodes nothing. */
const TEMPLATE = 'template/';

/** Reads every `.x` file below `folder`. */
function makeIndex(folder: string): DissectorEntry[] {
  return filesIn(folder).flatMap((file) => entriesOf(readSpecification(join(folder, file)), file));
}

type NamesByFile = Record<string, Record<string, string>>;

/** Reads the table beside every `.x` file below `folder` that has one. */
function makeNames(folder: string): NamesByFile {
  const tables = filesIn(folder).map((file): [string, string] => [file, join(folder, file.replace(/x$/, 'wireshark'))]);
  return Object.fromEntries(
    tables.filter(([, table]) => existsSync(table)).map(([file, table]) => [file, readNameTable(readText(table))]),
  );
}

/** What the build leaves beside the `.x` files below `folder`: paths, and the plans to write there. */
export function* preparePlans(folder: string): Generator<[path: string, plans: Uint8Array]> {
  for (const name of filesIn(folder)) {
    const file = join(folder, name);
    const { specification, sources } = parseFile(file);
    const texts = new Map(sources.map((source) => [relative(dirname(file), source.name), source.text]));
    const plans = plansOf(specification);
    if (plans.length > 0) yield [plansFile(file), writePlans(plans, texts)];
  }
}

function filesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((name) => name.endsWith('.x') && !name.startsWith(TEMPLATE)).sort();
}

/**
 * What the build writes beside the `.x` files of `folder`, so that starting parses none of them: JSON by the name of its file.
 * @public (scripts/build.js)
 */
export function indexFiles(folder: string): Record<string, string> {
  const fields = new DissectorLibrary([], folder).fieldIndexes().at(-1);
  return {
    [INDEX]: JSON.stringify(makeIndex(folder)),
    [FIELDS]: JSON.stringify(fields),
    [NAMES]: JSON.stringify(makeNames(folder)),
  };
}
