/**
 * What an authentication flavor is to rpcdump: its number and name, and its bodies in the `.x` language. One file a flavor;
 * index.ts registers it by one line. Definitions are compiled when their flavor is first seen.
 */
import { PlanBuilder } from '../../xdr/build-plan.js';
import { parseXdr } from '../../xdr/parse-xdr.js';
import type { Plan } from '../../xdr/plan.js';

export interface AuthFlavor {
  number: number;
  name: string;
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

const builders = new Map<AuthFlavor, PlanBuilder>();

/** The plan of a flavor's body; undefined where it is plain bytes. */
export function authPlan(flavor: AuthFlavor | undefined, role: AuthRole): Plan | undefined {
  const type = flavor?.[role];
  return flavor && type ? authType(flavor, type) : undefined;
}

/** A type of a flavor's definition. */
export function authType(flavor: AuthFlavor, type: string): Plan | undefined {
  let builder = builders.get(flavor);
  if (builder === undefined) {
    builder = new PlanBuilder(parseXdr({ name: `${flavor.name}.x`, text: flavor.definition ?? '' }).specification);
    builders.set(flavor, builder);
  }
  return builder.typePlan(type);
}
