/**
 * Resolves names to fields: rpcdump's own names first, then Wireshark's, then the short names of
 * programs, which select their messages. An unknown name is an error that suggests the nearest one.
 */
import { crc16 } from '../xdr/crc16.js';
import { crc32 } from '../xdr/crc32.js';
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
import { NEVER } from './tests.js';
import type { Side, Vocabulary } from './vocabulary.js';

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
    try {
      return this.resolve(reference, text);
    } catch (error) {
      if (error instanceof FilterError) return null;
      throw error;
    }
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
    const aliases = [...this.aliases.keys()].filter((alias) => alias.startsWith(prefix));
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
    for (const program of this.vocabulary.programNames) yield program.toLowerCase();
  }

  /** A field of a body, credential or verifier; null for other names. */
  private pathField(reference: FieldReference, text: string): Field | null {
    const { steps } = reference;
    const [first] = steps;
    if (first.kind === 'anywhere') return this.checked(bodyField(this.vocabulary, null, steps), 0, reference, text);
    if (first.kind !== 'name') return null;
    const rest = steps.slice(1);
    if (first.name === 'args' || first.name === 'result') {
      return this.checked(bodyField(this.vocabulary, first.name as Side, rest), 1, reference, text);
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

  private aliasField(alias: Alias): Field {
    const fields = alias.fields
      .map((path) => {
        const parsed = parseFilter(path);
        if (parsed.kind !== 'presence') throw new Error(`alias ${alias.name}: '${path}' is not a field`);
        return this.resolve(parsed.field, path);
      })
      .map((field) => (alias.as === undefined ? field : only(field, alias.as)));
    const compile = (tests: Tests): MessageTest => {
      const all = fields.map((field) => field.compile(tests));
      const some: MessageTest = all.length === 1 ? all[0] : (...message) => all.some((test) => test(...message));
      const { condition } = alias;
      return condition === undefined
        ? some
        : (dissection, source) => holds(condition, dissection) && some(dissection, source);
    };
    return {
      kinds: new Set(fields.flatMap((field) => [...field.kinds])),
      names: fields.some((field) => field.names === null)
        ? null
        : new Set(fields.flatMap((field) => [...(field.names ?? [])])),
      isHeader: fields.every((field) => field.isHeader),
      compile,
    };
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

/** The values of a field that are of one kind; `hash`: the CRC-32 of those that are bytes, `stateid`: the CRC-16 of stateids. */
function only(field: Field, as: NonNullable<Alias['as']>): Field {
  const compile = (tests: Tests) => field.compile({ ...NEVER, ...keptTests(tests, as) });
  return { ...field, kinds: new Set([as === 'bytes' ? 'bytes' : 'number']), names: null, compile };
}

function keptTests({ number, bytes }: Tests, as: NonNullable<Alias['as']>): Partial<Tests> {
  switch (as) {
    case 'number':
      return { number };
    case 'bytes':
      return { bytes };
    case 'hash':
      return { bytes: (value) => number(crc32(value, 0, value.length) >>> 0) };
    case 'stateid':
      return { structure: (value) => value !== undefined && number(crc16(value, 0, value.length)) };
  }
}

function unknownStep(step: PathStep, before: string, known: ReadonlySet<string>): string {
  if (step.kind === 'index') return `'${before}' has no elements`;
  const where = before === '' ? '' : ` in '${before}'`;
  return `no field '${step.name}'${where}${step.kind === 'anywhere' ? ' at any depth' : ''}${suggest(step.name, known)}`;
}
