/** The bars that `npm run bench -- --check` holds rpcdump to (docs/performance.md). A figure may not be above its limit. */

export interface Bar {
  /** Its group, and what is measured. */
  name: string;
  limit: number;
  /** The figure may not be below. */
  isLeast?: true;
  unit: string;
}

const ofNfstrace = { limit: 1 / 4, unit: '× nfstrace' };
const ofPrograms = { limit: 1 / 10, unit: '× tshark -z rpc,programs' };
const ofTcpdump = { limit: 1, unit: '× tcpdump -nn' };
const memory = { limit: 150, unit: 'MB' };

export const MEMORY_PRODUCTS = [
  ...['headers', 'list', 'json', 'array', 'tree', 'fields', 'calls', 'calls json', 'stats', 'by file', 'services'],
  ...['pending', 'check', 'by file by 10 s', 'by client and file by 1 s'],
];
/** What takes minutes at ×16. */
export const SLOW_MEMORY_PRODUCTS = ['diff', 'anonymize', 'anonymize by a key'];

export const BARS: readonly Bar[] = [
  { name: 'stats nfs3-metadata nfstrace', ...ofNfstrace },
  { name: 'stats nfs3-metadata tshark', ...ofPrograms },
  { name: 'stats nfs4-compound nfstrace', ...ofNfstrace },
  { name: 'stats nfs4-compound tshark', ...ofPrograms },
  { name: 'names by file', limit: 1.5, unit: '× the same with --no-names' },
  { name: 'names by directory', limit: 1.5, unit: '× the same with --no-names' },
  { name: 'list nfs3-metadata', ...ofTcpdump },
  { name: 'list nfs4-compound', ...ofTcpdump },
  { name: 'list nfs3-bulk', ...ofTcpdump },
  { name: 'list one-a-frame', ...ofTcpdump, limit: 1 / 2 },
  { name: 'json nfs3-metadata a frame', limit: 1 / 100, unit: '× tshark -T ek' },
  { name: 'json nfs4-compound a frame', limit: 1 / 100, unit: '× tshark -T ek' },
  { name: 'json GETATTR', limit: 400_000, isLeast: true, unit: 'messages/s' },
  { name: 'json nfs3-metadata size', limit: 5, unit: '× the capture' },
  { name: 'rate headers', limit: 1_500_000, isLeast: true, unit: 'messages/s' },
  { name: 'rate list', limit: 500_000, isLeast: true, unit: 'messages/s' },
  { name: 'rate json', limit: 300_000, isLeast: true, unit: 'messages/s' },
  { name: 'jobs list', limit: 0.65, unit: '× wall of one job' },
  { name: 'jobs json', limit: 0.65, unit: '× wall of one job' },
  { name: 'jobs same bytes', limit: 1, isLeast: true, unit: '' },
  ...MEMORY_PRODUCTS.flatMap((product) =>
    ['×1', '×4', '×16'].map((times) => ({ name: `memory ${product} ${times}`, ...memory })),
  ),
  ...SLOW_MEMORY_PRODUCTS.flatMap((product) =>
    ['×1', '×4'].map((times) => ({ name: `memory ${product} ${times}`, ...memory })),
  ),
  ...[...MEMORY_PRODUCTS, ...SLOW_MEMORY_PRODUCTS].map((product) => ({
    name: `memory ${product} 500 connections`,
    ...memory,
    limit: 200,
  })),
  { name: 'start --version', limit: 40, unit: 'ms above an empty Node' },
  { name: 'start nfs3-metadata', limit: 80, unit: 'ms above an empty Node' },
  { name: 'start nfs4-compound', limit: 80, unit: 'ms above an empty Node' },
  { name: 'filter header', limit: 1.3, unit: '× -q' },
];
