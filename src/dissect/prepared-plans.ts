/**
 * Plans that outlive the process. The build writes those of each built-in `.x` file beside it, in V8's serialization
 * (structured clone, which keeps Maps and types that hold themselves), so that the first message of a program parses
 * nothing. They are used only while the texts that they were made of are unchanged, and where V8 can read what the
 * build's V8 wrote; otherwise the `.x` is parsed.
 */
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { ProgramPlan } from '../xdr/plan.js';

/** A text that plans were made of: its path from their `.x` file's folder, and the CRC-32 of its UTF-8. */
interface Origin {
  path: string;
  checksum: number;
}

interface PreparedPlans {
  origins: Origin[];
  plans: ProgramPlan[];
}

/** @param texts The `.x` file's text and those that it includes, by their paths from its folder. */
export function writePlans(plans: readonly ProgramPlan[], texts: ReadonlyMap<string, string>): Uint8Array {
  const origins = [...texts].map(([path, text]) => ({ path, checksum: crc32(text) }));
  return serialize({ origins, plans: plans.map(withAllProcedures) } satisfies PreparedPlans);
}

/**
 * The plans that `writePlans` wrote; null when they do not count.
 * @param readBytes Gives a text, in UTF-8, by its path from the `.x` file's folder; null when it cannot be read.
 */
export function readPlans(bytes: Uint8Array, readBytes: (path: string) => Uint8Array | null): ProgramPlan[] | null {
  const prepared = deserializePlans(bytes);
  const isCurrent = prepared?.origins?.every(({ path, checksum }) => {
    const text = readBytes(path);
    return text !== null && crc32(text) === checksum;
  });
  return isCurrent ? (prepared?.plans ?? null) : null;
}

function deserializePlans(bytes: Uint8Array): Partial<PreparedPlans> | null {
  try {
    return deserialize(bytes);
  } catch {
    return null;
  }
}

/** The plan with a plain Map of all its procedures: the builder's table makes them when asked. */
function withAllProcedures(plan: ProgramPlan): ProgramPlan {
  return {
    ...plan,
    procedures: new Map([...plan.procedures.keys()].map((number) => [number, plan.procedures.get(number)!])),
  };
}
