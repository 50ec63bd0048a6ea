/** The authentication flavors, by number. A new one is one file beside this one and one line here. */
import type { Message } from '../message.js';
import { authDh } from './dh.js';
import type { AuthFlavor } from './flavor.js';
import { authGlusterfs, authGlusterfsV2, authGlusterfsV3 } from './gluster.js';
import { authGssapi } from './gssapi.js';
import { authNone } from './none.js';
import { rpcsecGss } from './rpcsec-gss.js';
import { authShort } from './short.js';
import { authSys } from './sys.js';
import { authTls } from './tls.js';

/** Whom the credential of a call stands for: a uid, or a name or handle of its flavor; empty where it says nothing. */
export function userOf({ credential, program, bytes }: Message): string {
  const { flavor, start, length } = credential;
  return authFlavor(flavor, program)?.user?.(bytes.subarray(start, start + length)) ?? '';
}

/** All flavors. `authFlavor` tells what a number means in a message of some program. */
export const AUTH_FLAVORS: ReadonlyMap<number, AuthFlavor> = new Map(
  [
    authNone,
    authSys,
    authShort,
    authDh,
    rpcsecGss,
    authTls,
    authGssapi,
    authGlusterfs,
    authGlusterfsV2,
    authGlusterfsV3,
  ].map((flavor) => [flavor.number, flavor]),
);

/**
 * True for the flavors whose credentials say how bodies are protected, and whose control calls are none of the
 * program's.
 */
export function isGssFlavor(flavor: number): boolean {
  return flavor === rpcsecGss.number || flavor === authGssapi.number;
}

/** The names of flavors by their former names: AUTH_UNIX is AUTH_SYS. */
export const FORMER_FLAVOR_NAMES: ReadonlyMap<string, string> = new Map(
  [...AUTH_FLAVORS.values()].flatMap(({ name, formerName }) => (formerName === undefined ? [] : [[formerName, name]])),
);

/**
 * The flavor of a credential or verifier in a message of this program (-1: not known); undefined: nobody defined it.
 */
export function authFlavor(number: number, program: number): AuthFlavor | undefined {
  const flavor = AUTH_FLAVORS.get(number);
  return flavor?.programs === undefined || flavor.programs.has(program) ? flavor : undefined;
}
