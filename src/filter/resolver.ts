/**
 * Resolves names to fields: rpcdump's own names first, then Wireshark's, then the short names of
 * programs, which select their messages. An unknown name is an error that suggests the nearest one.
 */
import type { Dissection } from '../dissect/dissection.js';
import { didYouMean, nearestName, suggest } from '../xdr/suggestion.js';
import { ALIASES, type Alias, holds } from './aliases.js';
import { authField } from './auth-fields.js';
import { bodyField, UnknownStep } from './body-fields.js';
import type { Field, MessageTest, Tests } from './field.js';
import type { HeaderField } from './field-lines.js';
import { FilterError } from './filter-error.js';
import { headerFields } from './header-fields.js';
import type { Inputs } from './inputs.js';
import { instead } from './not-here.js';
import { parseFilter } from './parser.js';
import { printField } from './print.js';
import type { FieldReference, PathStep } from './syntax.js';
import type { IsAsked, Side, Vocabulary } from './vocabulary.js';
import { type FieldWhere, wiresharkFields } from './wireshark-fields.js';

/** Where all fields are listed. */
const HELP = "; see 'rpcdump help filter'";
const BODIES = `; fields of bodies are 'args.…', 'result.…' and '..NAME'${HELP}`;

export class Resolver {
  private readonly own: ReadonlyMap<string, HeaderField>;
  private readonly aliases = new Map(ALIASES.map((alias) => [alias.name, alias]));
  private readonly known = new Map<string, Field>();
  /** The fields of `header-fields.ts` that were resolved, also for aliases and names of programs. */
  readonly mentioned = new Set<string>();

  constructor(
    private readonly vocabulary: Vocabulary,
    inputs?: () => Inputs,
  ) {
    this.own = new Map(headerFields(vocabulary, inputs).map((field) => [field.name, field]));
  }

  /** The field that a reference names, without its slices. @throws FilterError in the filter `text`. */
  resolve(reference: FieldReference, text: string): Field {
    const name = printField({ ...reference, slices: null });
    let field = this.known.get(name);
    if (field === undefined) {
      field = this.find(name, reference, text);
      this.known.set(name, field);
    }
    return field;
  }

  /** The same; null when there is no such field. */
  tryResolve(reference: FieldReference, text: string): Field | null {
    return attempt(() => this.resolve(reference, text));
  }

  /** The name of a field that can have this value, in any case; null when there is none. */
  fieldOfValue(name: string): string | null {
    const word = name.toLowerCase();
    for (const [field, { names }] of this.own) {
      if (names !== null && [...names].some((each) => each.toLowerCase() === word)) return field;
    }
    return null;
  }

  private find(name: string, reference: FieldReference, text: string): Field {
    const own = this.own.get(name);
    if (own !== undefined) {
      this.mentioned.add(name);
      return own;
    }
    const path = this.pathField(reference, text);
    if (path !== null) return path;
    const alias = this.aliases.get(name.toLowerCase());
    if (alias !== undefined) return this.aliasField(alias);
    const program = this.programNamed(name);
    if (program !== undefined) return this.programField(program);
    const wireshark = this.wiresharkField(name);
    if (wireshark !== null) return wireshark;
    throw new FilterError(`unknown field '${name}'${this.advice(name, reference)}`, reference.span, text);
  }

  private programNamed(name: string): string | undefined {
    return [...this.vocabulary.programNames].find((each) => each.toLowerCase() === name.toLowerCase());
  }

  /** What to write in place of an unknown field. */
  private advice(name: string, { steps }: FieldReference): string {
    const other = instead(name);
    if (other !== null) return `: ${other}`;
    const [first] = steps;
    const last = steps[steps.length - 1];
    if (first.kind === 'name' && last.kind === 'name' && steps.length > 1) {
      const program = this.programNamed(first.name);
      if (program !== undefined) return this.fieldOf(program, name.slice(first.name.length + 1), last.name) ?? BODIES;
    }
    return suggest(name, this.allNames()) || HELP;
  }

  /** Suggests a field of this program for a name in Wireshark's form, `nlm.share.mode`: one of another would mislead. */
  private fieldOf(program: string, rest: string, last: string): string | null {
    const inBodies = this.vocabulary.bodyNames(program);
    if (inBodies.has(last)) return didYouMean(`..${last}`);
    const prefix = `${program.toLowerCase()}.`;
    const aliases = [...this.vocabulary.wiresharkNames].filter((alias) => alias.startsWith(prefix));
    const alias = nearestName(
      rest,
      aliases.map((each) => each.slice(prefix.length)),
    );
    if (alias !== null) return didYouMean(prefix + alias);
    const near = nearestName(last, inBodies);
    return near === null ? null : didYouMean(`..${near}`);
  }

  private *allNames(): Generator<string> {
    yield* this.own.keys();
    yield* ['args', 'result', 'credential', 'verifier'];
    yield* this.aliases.keys();
    yield* this.vocabulary.wiresharkNames;
    for (const program of this.vocabulary.programNames) yield program.toLowerCase();
  }

  /** A field of a body, credential or verifier; null for other names. */
  private pathField(reference: FieldReference, text: string, isAsked?: IsAsked): Field | null {
    const { steps } = reference;
    const [first] = steps;
    if (first.kind === 'anywhere')
      return this.checked(bodyField(this.vocabulary, null, steps, isAsked), 0, reference, text);
    if (first.kind !== 'name') return null;
    const rest = steps.slice(1);
    if (first.name === 'args' || first.name === 'result') {
      return this.checked(bodyField(this.vocabulary, first.name as Side, rest, isAsked), 1, reference, text);
    }
    if (first.name !== 'credential' && first.name !== 'verifier') return null;
    return this.checked(authField(this.vocabulary, first.name, rest), 1, reference, text);
  }

  private checked(found: Field | UnknownStep, skipped: number, reference: FieldReference, text: string): Field {
    if (!(found instanceof UnknownStep)) return found;
    const at = found.index + skipped;
    const step = reference.steps[at];
    const before = printField({ ...reference, steps: reference.steps.slice(0, at), slices: null });
    throw new FilterError(unknownStep(step, before, found.known), reference.span, text);
  }

  private aliasField({ fields, condition }: Alias): Field {
    const where = condition === undefined ? null : (dissection: Dissection) => holds(condition, dissection);
    return joined(fields.map((path) => ({ field: this.fieldAt(path)!, where })));
  }

  /** The fields of Wireshark's name for them; null if it has no such name. */
  private wiresharkField(name: string): Field | null {
    const fieldAt = (path: string, isAsked: IsAsked) => attempt(() => this.fieldAt(path, isAsked));
    const fields = wiresharkFields(name, this.vocabulary.nameTables, this.vocabulary, fieldAt);
    return fields.length === 0 ? null : joined(fields);
  }

  /** The field at a path of a table. @throws FilterError if none of the programs that are asked for has it. */
  private fieldAt(path: string, isAsked?: IsAsked): Field | null {
    const parsed = parseFilter(path);
    if (parsed.kind !== 'presence') throw new Error(`'${path}' is not a field`);
    if (!this.own.has(path)) return this.pathField(parsed.field, path, isAsked);
    const field = this.resolve(parsed.field, path);
    if (isAsked === undefined || field.names === null) return field;
    const asked = this.vocabulary.namesOf(isAsked);
    return { ...field, names: new Set([...field.names].filter((name) => asked.has(name))) };
  }

  private programField(name: string): Field {
    this.mentioned.add('program');
    const compile =
      (tests: Tests): MessageTest =>
      (dissection) =>
        dissection.message.program >= 0 && this.vocabulary.programOf(dissection) === name && tests.structure();
    return { kinds: new Set(['structure']), names: null, isHeader: true, compile };
  }
}

/** null where there is no such field. */
function attempt(find: () => Field | null): Field | null {
  try {
    return find();
  } catch (error) {
    if (error instanceof FilterError) return null;
    throw error;
  }
}

/** One field for several. */
function joined(fields: readonly FieldWhere[]): Field {
  const compile = (tests: Tests): MessageTest => {
    const all = fields.map(({ field, where }): MessageTest => {
      const test = field.compile(tests);
      return where === null ? test : (dissection, source) => where(dissection) && test(dissection, source);
    });
    return all.length === 1 ? all[0] : (...message) => all.some((test) => test(...message));
  };
  return {
    kinds: new Set(fields.flatMap(({ field }) => [...field.kinds])),
    names: fields.some(({ field }) => field.names === null)
      ? null
      : new Set(fields.flatMap(({ field }) => [...(field.names ?? [])])),
    isHeader: fields.every(({ field }) => field.isHeader),
    compile,
  };
}

function unknownStep(step: PathStep, before: string, known: ReadonlySet<string>): string {
  if (step.kind === 'index') return `'${before}' has no elements`;
  const where = before === '' ? '' : ` in '${before}'`;
  return `no field '${step.name}'${where}${step.kind === 'anywhere' ? ' at any depth' : ''}${suggest(step.name, known)}`;
}
