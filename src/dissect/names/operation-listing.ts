/** READDIR of NFSv4 (RFC 7530 §16.24): entries whose attributes hold the handle, where the client asked for it. */
import { Extractor } from '../../xdr/codegen-extract.js';
import type { Plan } from '../../xdr/plan.js';
import type { Extent } from '../extent.js';
import { planAt } from '../field-path.js';
import type { File } from './file.js';
import type { FileNames } from './file-names.js';
import { Listing } from './listing.js';

const ENTRIES = 'resok4.reply.entries';
const NAME = 'name';
const HANDLE = 'attrs.attr_vals.filehandle';

class OperationListing {
  private readonly listing: Listing | undefined;
  private readonly extractor: Extractor;

  constructor(plan: Plan) {
    this.listing = Listing.of(planAt(plan, ENTRIES), NAME, HANDLE);
    this.extractor = new Extractor(plan, [ENTRIES]);
  }

  /** Learns of the result of READDIR at `at`, a listing of `dir`. */
  learn(names: FileNames, server: number, extent: Extent, at: number, dir: File): void {
    this.extractor.find(extent.bytes, at, extent.end, extent.limit);
    const entries = this.extractor.at(0);
    if (entries >= 0) this.listing?.learn(names, server, extent, entries, dir, -1);
  }
}

const listings = new Map<Plan, OperationListing>();

export function listingOf(plan: Plan): OperationListing {
  let listing = listings.get(plan);
  if (listing === undefined) {
    listing = new OperationListing(plan);
    listings.set(plan, listing);
  }
  return listing;
}
