/**
 * What RPCSEC_GSS (RFC 2203 §5) does to bodies: context creation carries tokens in place of arguments and results, integrity
 * wraps a body with its sequence number (rpc_gss_integ_data), privacy encrypts it. A reply is wrapped as its call was.
 */

import { authType } from '../rpc/auth/flavor.js';
import { GSS_DATA, GSS_DESTROY, GSS_INTEGRITY, GSS_PRIVACY, rpcsecGss } from '../rpc/auth/rpcsec-gss.js';
import type { GssCall } from '../rpc/call-arguments.js';
import { read32 } from '../xdr/bytes.js';
import type { Plan } from '../xdr/plan.js';
import type { Extent } from './summary.js';

/** The plan of the tokens that stand in for a body; undefined when the body is the procedure's own. */
export function gssTokenPlan(gss: GssCall, isCall: boolean): Plan | undefined {
  if (gss.procedure === GSS_DATA) return undefined;
  if (gss.procedure === GSS_DESTROY) return { kind: 'void' };
  return authType(rpcsecGss, isCall ? 'rpc_gss_init_arg' : 'rpc_gss_init_res');
}

export function isEncrypted(gss: GssCall): boolean {
  return gss.procedure === GSS_DATA && gss.service === GSS_PRIVACY;
}

/** Narrows `extent` to the body inside of rpc_gss_integ_data, where its lengths allow. */
export function openIntegrity(gss: GssCall, extent: Extent): void {
  if (gss.procedure !== GSS_DATA || gss.service !== GSS_INTEGRITY) return;
  const { bytes, at, end, limit } = extent;
  if (end - at < 8) return;
  const length = read32(bytes, at);
  if (length < 4 || length > limit - at - 4) return;
  extent.at = at + 8;
  extent.limit = at + 4 + length;
  extent.end = Math.min(end, extent.limit);
}
