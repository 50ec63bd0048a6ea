/**
 * The interface of authentication flavors: number, name, and the types of their bodies in the `.x`
 * language. Each flavor has a file, and one line in index.ts that registers it. Definitions are compiled
 * when their flavor is first seen.
 */
import { MAX_SHOWN_BYTES } from '../../limits/xdr.js';
import { PlanBuilder } from '../../xdr/build-plan.js';
import { read32 } from '../../xdr/bytes.js';
import type { Specification } from '../../xdr/model.js';
import { parseXdr } from '../../xdr/parse-xdr.js';
import type { Plan, ProgramPlan } from '../../xdr/plan.js';
import { type AuthPart, CALL } from '../message.js';

export interface AuthFlavor {
  number: number;
  name: string;
  /** The name in RFC 1057, which Wireshark shows. */
  formerName?: string;
  /** Programs in whose calls the number means this flavor; absent: in all. */
  programs?: ReadonlySet<number>;
  /** Types of the bodies, in the `.x` language. */
  definition?: string;
  /** Names of the types of a call's credential and of the verifiers of calls and replies. */
  credential?: string;
  callVerifier?: string;
  replyVerifier?: string;
  /** Field name for a body that is bytes without inner structure. */
  bytesName?: string;
  /** Whom the body of a credential stands for, by the bytes that were captured; empty where they do not say. */
  user?: (body: Uint8Array) => string;
}

/** The number of 32 bits at `body[at]`, as text; empty where it is not there. */
export function numberText(body: Uint8Array, at: number): string {
  return at + 4 <= body.length ? String(read32(body, at)) : '';
}

/** The bytes behind the length at `body[at]`, as far as they are there, and at most 32 of them, in hex. */
export function handleText(body: Uint8Array, at: number): string {
  const length = at + 4 <= body.length ? read32(body, at) : 0;
  const end = at + 4 + Math.min(length, MAX_SHOWN_BYTES);
  return Buffer.from(body.subarray(at + 4, end)).toString('hex');
}

type AuthRole = 'credential' | 'callVerifier' | 'replyVerifier';

/** The role of an opaque_auth. @param type CALL or REPLY. */
export function roleOf(part: AuthPart, type: number): AuthRole {
  return part === 'credential' ? 'credential' : type === CALL ? 'callVerifier' : 'replyVerifier';
}

interface Definition {
  specification: Specification;
  builder: PlanBuilder;
}

const definitions = new Map<AuthFlavor, Definition>();

/** The plan of a flavor's body; undefined: it is plain bytes. */
export function authPlan(flavor: AuthFlavor | undefined, role: AuthRole): Plan | undefined {
  const type = flavor?.[role];
  return flavor && type ? authType(flavor, type) : undefined;
}

/** The plan of a type of the flavor's definition. */
export function authType(flavor: AuthFlavor, type: string): Plan | undefined {
  return definitionOf(flavor).builder.typePlan(type);
}

/** The procedures that a flavor's definition has; null: none. */
export function authProgram(flavor: AuthFlavor): ProgramPlan | null {
  const { specification, builder } = definitionOf(flavor);
  const program = specification.programs[0];
  return program === undefined ? null : builder.program(program, program.versions[0]);
}

function definitionOf(flavor: AuthFlavor): Definition {
  let definition = definitions.get(flavor);
  if (definition === undefined) {
    const { specification } = parseXdr({ name: `${flavor.name}.x`, text: flavor.definition ?? '' });
    definition = { specification, builder: new PlanBuilder(specification) };
    definitions.set(flavor, definition);
  }
  return definition;
}
