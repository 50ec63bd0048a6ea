/**
 * Reads chosen fields of a body, numbers and texts. It makes a
 * Map for each body, so it is for what is asked of few messages.
 */
import { read32, readInt32 } from '../xdr/bytes.js';
import { Extractor } from '../xdr/codegen-extract.js';
import { endOfText, type Plan } from '../xdr/plan.js';
import type { Extent } from './extent.js';
import { planAt } from './field-path.js';

export type FieldValue = number | string;

export class FieldValues {
  private readonly plans: (Plan | undefined)[];
  private readonly extractor: Extractor;

  /** @param problem Is told of paths that name nothing. */
  constructor(
    plan: Plan,
    private readonly paths: readonly string[],
    problem: (message: string) => void,
  ) {
    this.plans = paths.map((path) => planAt(plan, path));
    this.plans.forEach((found, i) => {
      if (found === undefined) problem(`'${paths[i]}' names no field`);
    });
    this.extractor = new Extractor(plan, paths);
  }

  /** Adds the values that are there, by `prefix` and path. */
  read(extent: Extent, prefix: string, to: Map<string, FieldValue>): void {
    this.extractor.find(extent.bytes, extent.at, extent.end, extent.limit);
    this.paths.forEach((path, i) => {
      const plan = this.plans[i];
      const at = this.extractor.at(i);
      const value = plan && at >= 0 ? valueAt(plan, extent.bytes, at) : undefined;
      if (value !== undefined) to.set(prefix + path, value);
    });
  }
}

/** The value of a number, boolean or text at `at`; undefined for other types. */
export function valueAt(plan: Plan, bytes: Uint8Array, at: number): FieldValue | undefined {
  switch (plan.kind) {
    case 'int':
    case 'enum':
      return readInt32(bytes, at);
    case 'unsigned':
    case 'bool':
      return read32(bytes, at);
    case 'string': {
      const end = endOfText(plan, bytes, at + 4, at + 4 + read32(bytes, at));
      return Buffer.from(bytes.subarray(at + 4, end)).toString('utf8');
    }
    default:
      return undefined;
  }
}
