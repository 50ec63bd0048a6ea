/**
 * Fields of credentials and verifiers: `credential.uid`, `verifier.flavor`. Their bodies are described
 * in the `.x` language too, by flavor. They belong to the header, so the program need not be known.
 */

import type { Dissection } from '../dissect/dissection.js';
import { type FieldIndex, makeFieldIndex } from '../dissect/field-index.js';
import { planOfAuth } from '../dissect/opaque-auth.js';
import { authPlan } from '../rpc/auth/flavor.js';
import { AUTH_FLAVORS, authFlavor } from '../rpc/auth/index.js';
import type { AuthPart, OpaqueAuth } from '../rpc/message.js';
import type { Plan, ProcedurePlan } from '../xdr/plan.js';
import { decodeTree } from '../xdr/tree.js';
import { noContext, type TreeNode } from '../xdr/tree-node.js';
import { Finders, followPlaces, kindsOf, UnknownStep } from './body-fields.js';
import type { Field, Kind, MessageTest, Tests } from './field.js';
import type { Body } from './finder.js';
import type { PathStep } from './syntax.js';
import type { Place, Vocabulary } from './vocabulary.js';

/** A field of a credential or verifier; `steps` is the path after `credential` or `verifier`. */
export function authField(vocabulary: Vocabulary, part: AuthPart, steps: readonly PathStep[]): Field | UnknownStep {
  const [first] = steps;
  if (first === undefined) return plainField('structure', part, (tests) => tests.structure());
  const name = first.kind === 'index' ? '' : first.name;
  if (name === 'flavor' && steps.length === 1) return flavorField(part);
  if (bytesNames().has(name) && steps.length === 1) return bytesField(vocabulary, part, steps, name);
  return authBodyField(vocabulary, part, steps);
}

function authBodyField(vocabulary: Vocabulary, part: AuthPart, steps: readonly PathStep[]): Field | UnknownStep {
  const places = followPlaces(vocabulary, authPlaces(part), steps);
  if (places instanceof UnknownStep) return new UnknownStep(places.index, new Set([...places.known, 'flavor']));
  const finders = new Finders(steps);
  return {
    ...kindsOf(vocabulary, places),
    isHeader: true,
    compile: (tests) => (dissection) => {
      const { message } = dissection;
      const auth = message[part];
      const plan = planOfAuth(dissection, part);
      const find = plan === undefined || auth.length === 0 ? null : finders.of(plan);
      return find?.(authBody(auth, plan!, message.bytes, message.end), tests) ?? false;
    },
  };
}

function authBody(auth: OpaqueAuth, plan: Plan, bytes: Uint8Array, messageEnd: number): Body {
  const { start, limit } = auth;
  const end = Math.min(messageEnd, limit);
  const tree = (): TreeNode | null => decodeTree(plan, { bytes, start, end, limit, context: noContext }, '').root;
  return { bytes, at: start, end, limit, tree };
}

function plainField(
  kind: Kind,
  part: AuthPart,
  test: (tests: Tests, auth: OpaqueAuth, dissection: Dissection) => boolean,
): Field {
  const compile =
    (tests: Tests): MessageTest =>
    (dissection) => {
      const auth = dissection.message[part];
      return auth.flavor >= 0 && test(tests, auth, dissection);
    };
  return { kinds: new Set([kind]), names: null, isHeader: true, compile };
}

function flavorField(part: AuthPart): Field {
  const names = new Set([...AUTH_FLAVORS.values()].map((flavor) => flavor.name));
  const field = plainField('name', part, (tests, { flavor }, { message: { program } }) =>
    tests.name(authFlavor(flavor, program)?.name ?? String(flavor), flavor),
  );
  return { ...field, names };
}

/** The names for bodies of flavors without fields. */
function bytesNames(): Set<string> {
  return new Set(['body', ...[...AUTH_FLAVORS.values()].flatMap((flavor) => flavor.bytesName ?? [])]);
}

/** A body of plain bytes; other flavors may have a field of the same name. */
function bytesField(vocabulary: Vocabulary, part: AuthPart, steps: readonly PathStep[], name: string): Field {
  const plain = plainField('bytes', part, (tests, auth, dissection) => {
    const { bytes, program } = dissection.message;
    const isNamed = (authFlavor(auth.flavor, program)?.bytesName ?? 'body') === name;
    const isPlain = isNamed && planOfAuth(dissection, part) === undefined;
    return isPlain && auth.isWhole && auth.length > 0 && tests.bytes(bytes.subarray(auth.start, auth.limit));
  });
  const other = authBodyField(vocabulary, part, steps);
  if (other instanceof UnknownStep) return plain;
  const compile = (tests: Tests): MessageTest => {
    const [one, two] = [plain.compile(tests), other.compile(tests)];
    return (dissection, source) => one(dissection, source) || two(dissection, source);
  };
  return { ...other, kinds: new Set([...plain.kinds, ...other.kinds]), compile };
}

/** The shapes of the bodies that a part may have, over all flavors. */
function authPlaces(part: AuthPart): Place[] {
  const nothing: Plan = { kind: 'void' };
  const procedures = new Map<number, ProcedurePlan>();
  for (const [number, flavor] of AUTH_FLAVORS) {
    const [call, reply] =
      part === 'credential' ? (['credential'] as const) : (['callVerifier', 'replyVerifier'] as const);
    procedures.set(number, {
      name: flavor.name,
      number,
      arguments: authPlan(flavor, call) ?? nothing,
      result: (reply && authPlan(flavor, reply)) ?? nothing,
      call: null,
      reply: null,
      operations: null,
      lessons: [],
      isSilent: false,
    });
  }
  const index: FieldIndex = makeFieldIndex([{ name: part, title: '', number: 0, version: 0, procedures }]);
  return index.programs[0].procedures.flatMap((procedure) =>
    [procedure.arguments, procedure.result].map((shape) => ({ index, shape: index.shapes[shape] })),
  );
}
