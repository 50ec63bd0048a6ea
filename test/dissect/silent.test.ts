/** Which procedures may stay without a reply, as their definitions say: what `rpcdump check` does not ask an answer of. */
import { expect, test } from 'vitest';
import { library } from '../helpers/render.js';

/** The procedures with the hint `silent`, over all programs: program, version and names. */
function silentProcedures(): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { program, programNumber, version } of library.list()) {
    const plan = library.find(programNumber, version);
    if (typeof plan === 'string') throw new Error(plan);
    const names = [...plan.procedures.keys()]
      .map((number) => plan.procedures.get(number)!)
      .filter((procedure) => procedure.isSilent)
      .map((procedure) => procedure.name);
    if (names.length > 0) found[`${program} v${version}`] = names;
  }
  return found;
}

const LOCKS = ['TEST', 'LOCK', 'CANCEL', 'UNLOCK', 'GRANTED'];
const ASYNCHRONOUS = [...LOCKS.map((name) => `${name}_MSG`), ...LOCKS.map((name) => `${name}_RES`)];

test('they are the asynchronous ones, those for broadcasts, and those whose definition says so', () => {
  expect(silentProcedures()).toEqual({
    'PORTMAP v1': ['CALLIT'],
    'PORTMAP v2': ['CALLIT'],
    'RPCBIND v3': ['CALLIT'],
    // INDIRECT (RFC 1833 §2.2.2) is the one of its kind that tells of errors.
    'RPCBIND v4': ['BCAST'],
    'YPSERV v1': ['DOMAIN_NONACK'],
    'YPSERV v2': ['DOMAIN_NONACK'],
    'SPRAY v1': ['SPRAY'],
    'NLM v1': ASYNCHRONOUS,
    'NLM v2': ASYNCHRONOUS,
    'NLM v3': ASYNCHRONOUS,
    'NLM v4': ASYNCHRONOUS,
    'VXI11_INTR v1': ['device_intr_srq'],
    'GLUSTER_CBK v1': [
      'NULL',
      'FETCHSPEC',
      'INO_FLUSH',
      'EVENT_NOTIFY',
      'GET_SNAPS',
      'CACHE_INVALIDATION',
      'CHILD_UP',
      'CHILD_DOWN',
      'RECALL_LEASE',
      'STATEDUMP',
      'INODELK_CONTENTION',
      'ENTRYLK_CONTENTION',
    ],
  });
});
