/**
 * The names that filters may use for programs: short names, procedures, statuses, operations, and the fields of
 * bodies. They come from the index that the build makes, which is read on first use; no `.x` is parsed for them.
 */
import type { Dissection } from '../dissect/dissection.js';
import { type FieldIndex, makeFieldIndex, type ProgramFields, type Shape } from '../dissect/field-index.js';
import type { DissectorLibrary, NameTable } from '../dissect/library.js';
import { authProgram } from '../rpc/auth/flavor.js';
import { AUTH_FLAVORS } from '../rpc/auth/index.js';
import type { ProcedureTable, ProgramPlan } from '../xdr/plan.js';
import type { PathStep } from './syntax.js';

/** Whether a version of a program is one of those whose fields are asked for. */
export type IsAsked = (program: ProgramFields) => boolean;

export type Side = 'args' | 'result';

/** A shape of one index: numbers of shapes are valid in their own index only. */
export interface Place {
  index: FieldIndex;
  shape: Shape;
}

const vocabularies = new WeakMap<DissectorLibrary, Vocabulary>();

/** Not the number of any procedure; -1 is that of one that was cut off. */
const NOT_LOOKED = -2;

export class Vocabulary {
  private indexes: FieldIndex[] | null = null;
  private tables: NameTable[] | null = null;
  private withOperations: ProgramFields[] | null = null;
  private lastProgram = -1;
  private lastVersion = -1;
  private lastProcedure = -1;
  private lastProcedures: ProcedureTable | null = null;
  private lastProgramName: string | undefined;
  private lastProcedureName: string | undefined;

  private constructor(private readonly library: DissectorLibrary) {}

  /** The vocabulary of a library, made once and shared by all filters. */
  static of(library: DissectorLibrary): Vocabulary {
    let vocabulary = vocabularies.get(library);
    if (vocabulary === undefined) {
      vocabulary = new Vocabulary(library);
      vocabularies.set(library, vocabulary);
    }
    return vocabulary;
  }

  /** The short name of a message's program; undefined for an unknown one. */
  programOf(dissection: Dissection): string | undefined {
    if (dissection.programName !== undefined) return dissection.programName;
    this.look(dissection);
    return this.lastProgramName;
  }

  procedureOf(dissection: Dissection): string | undefined {
    if (dissection.procedureName !== undefined) return dissection.procedureName;
    this.look(dissection);
    return this.lastProcedureName;
  }

  /** Looks up the names for a message of which only the header was read. */
  private look({ message }: Dissection): void {
    const { program, version, procedure } = message;
    if (program !== this.lastProgram || version !== this.lastVersion) {
      const plan = this.library.find(program, version);
      this.lastProgram = program;
      this.lastVersion = version;
      this.lastProgramName = this.library.programName(program, version);
      this.lastProcedures = typeof plan === 'string' ? null : plan.procedures;
      this.lastProcedure = NOT_LOOKED;
    }
    if (procedure === this.lastProcedure) return;
    this.lastProcedure = procedure;
    this.lastProcedureName = this.lastProcedures?.get(procedure)?.name;
  }

  get programNames(): ReadonlySet<string> {
    return new Set(this.library.list().map((entry) => entry.program));
  }

  get procedureNames(): ReadonlySet<string> {
    return this.collect((program) => program.procedures.map((procedure) => procedure.name));
  }

  get statusNames(): ReadonlySet<string> {
    return this.collect((program) => program.statuses);
  }

  get operationNames(): ReadonlySet<string> {
    return this.collect((program) => program.operations);
  }

  /** The names of the procedures, statuses and operations of certain programs. */
  namesOf(isAsked: IsAsked): ReadonlySet<string> {
    return this.collect((program) =>
      isAsked(program)
        ? [...program.procedures.map(({ name }) => name), ...program.statuses, ...program.operations]
        : [],
    );
  }

  /** The programs that have operations. */
  get compounds(): readonly ProgramFields[] {
    this.withOperations ??= this.load().flatMap(({ programs }) =>
      programs.filter((each) => each.operations.length > 0),
    );
    return this.withOperations;
  }

  private collect(names: (program: FieldIndex['programs'][number]) => Iterable<string>): ReadonlySet<string> {
    return new Set(this.load().flatMap((index) => index.programs.flatMap((program) => [...names(program)])));
  }

  private load(): FieldIndex[] {
    this.indexes ??= [...this.library.fieldIndexes(), makeFieldIndex(controlPrograms())];
    return this.indexes;
  }

  /** Tables of Wireshark's names for fields of bodies. */
  get nameTables(): readonly NameTable[] {
    this.tables ??= this.library.nameTables();
    return this.tables;
  }

  /** The names of all these tables. */
  get wiresharkNames(): ReadonlySet<string> {
    return new Set(this.nameTables.flatMap(({ names }) => [...names.keys()]));
  }

  // Fields of bodies

  /** The shapes of all arguments, or of all results; those of certain programs only, if `isAsked` is given. */
  roots(side: Side, isAsked: IsAsked = () => true): Place[] {
    const places = new Map<Shape, Place>();
    for (const index of this.load()) {
      for (const program of index.programs) {
        if (!isAsked(program)) continue;
        for (const procedure of program.procedures) {
          const shape = index.shapes[side === 'args' ? procedure.arguments : procedure.result];
          places.set(shape, { index, shape });
        }
      }
    }
    return [...places.values()];
  }

  /** The places that a step of a path leads to, from any of these places. */
  step(places: readonly Place[], step: PathStep): Place[] {
    if (step.kind === 'index') return places.flatMap((place) => this.element(place));
    const from = step.kind === 'name' ? this.inside(places) : this.below(places);
    return unique(from.flatMap((place) => member(place, step.name)));
  }

  /** The names of all fields of a program's bodies, at any depth. */
  bodyNames(program: string): Set<string> {
    const isAsked: IsAsked = ({ name }) => name === program;
    const roots = [...this.roots('args', isAsked), ...this.roots('result', isAsked)];
    return this.names(roots, { kind: 'anywhere', name: '' });
  }

  /** The names that could follow. */
  names(places: readonly Place[], step: PathStep): Set<string> {
    const from = step.kind === 'anywhere' ? this.below(places) : this.inside(places);
    return new Set(from.flatMap(({ shape }) => ('fields' in shape ? Object.keys(shape.fields) : [])));
  }

  /** These places and those that a path passes through: elements of lists, and contents of opaques. */
  inside(places: readonly Place[]): Place[] {
    return this.closure(places, (place) => this.transparent(place));
  }

  private below(places: readonly Place[]): Place[] {
    return this.closure(places, (place) => [...this.transparent(place), ...members(place)]);
  }

  private closure(places: readonly Place[], next: (place: Place) => Place[]): Place[] {
    const found = new Map<Shape, Place>();
    const waiting = [...places];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (found.has(place.shape)) continue;
      found.set(place.shape, place);
      waiting.push(...next(place));
    }
    return [...found.values()];
  }

  private transparent(place: Place): Place[] {
    const { index, shape } = place;
    if ('element' in shape) return this.element(place);
    if ('any' in shape) return [...this.roots('args'), ...this.roots('result')];
    if (!('fields' in shape)) return [];
    return (shape.alternatives ?? []).map((number) => ({ index, shape: index.shapes[number] }));
  }

  private element({ index, shape }: Place): Place[] {
    return 'element' in shape ? [{ index, shape: index.shapes[shape.element] }] : [];
  }
}

/** The control procedures of flavors, which are sent in calls of any program. */
function controlPrograms(): ProgramPlan[] {
  return [...AUTH_FLAVORS.values()].flatMap((flavor) => authProgram(flavor) ?? []);
}

function member({ index, shape }: Place, name: string): Place[] {
  if (!('fields' in shape) || !Object.hasOwn(shape.fields, name)) return [];
  return shape.fields[name].map((number) => ({ index, shape: index.shapes[number] }));
}

function members({ index, shape }: Place): Place[] {
  if (!('fields' in shape)) return [];
  return Object.values(shape.fields).flatMap((numbers) =>
    numbers.map((number) => ({ index, shape: index.shapes[number] })),
  );
}

function unique(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [place.shape, place])).values()];
}
