/**
 * What an authentication flavor is to rpcdump: its number and name, and its bodies in the `.x` language. One file a flavor;
 * index.ts registers it by one line. Definitions are compiled when their flavor is first seen.
 */
import { PlanBuilder } from '../../xdr/build-plan.js';
import type { Specification } from '../../xdr/model.js';
import { parseXdr } from '../../xdr/parse-xdr.js';
import type { Plan, ProgramPlan } from '../../xdr/plan.js';
import { type AuthPart, CALL } from '../message.js';

export interface AuthFlavor {
  number: number;
  name: string;
  /** Programs that give the number this meaning; all of them where there are none. */
  programs?: ReadonlySet<number>;
  /** Types of the bodies, in the `.x` language. */
  definition?: string;
  /** Names of the types that the credential of a call and the verifiers of calls and replies hold. */
  credential?: string;
  callVerifier?: string;
  replyVerifier?: string;
  /** What the body is called where it is bytes without inner structure. */
  bytesName?: string;
}

export type AuthRole = 'credential' | 'callVerifier' | 'replyVerifier';

/** What the body is to its flavor. @param type CALL or REPLY. */
export function roleOf(part: AuthPart, type: number): AuthRole {
  return part === 'credential' ? 'credential' : type === CALL ? 'callVerifier' : 'replyVerifier';
}

interface Definition {
  specification: Specification;
  builder: PlanBuilder;
}

const definitions = new Map<AuthFlavor, Definition>();

/** The plan of a flavor's body; undefined where it is plain bytes. */
export function authPlan(flavor: AuthFlavor | undefined, role: AuthRole): Plan | undefined {
  const type = flavor?.[role];
  return flavor && type ? authType(flavor, type) : undefined;
}

/** A type of a flavor's definition. */
export function authType(flavor: AuthFlavor, type: string): Plan | undefined {
  return definitionOf(flavor).builder.typePlan(type);
}

/** The procedures that a flavor's definition has of its own; null when it has none. */
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
