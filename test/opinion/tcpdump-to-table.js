// Makes a table of RPC messages out of tcpdump's lines: those of NFS, which it prints one of for each segment or datagram.
// Reads `tcpdump -nn --number` from standard input; writes tab-separated values. Used by make-tables.sh.
import { createInterface } from 'node:readline';

const LINE = /^ *(\d+) .*: NFS (request|reply) xid (\d+)(?: reply (ok|ERR))? (\d+)(?: (\w+))?/;

const rows = [];
for await (const line of createInterface({ input: process.stdin })) {
  const [, frame, kind, xid, , length, procedure = ''] = LINE.exec(line) ?? [];
  if (frame !== undefined) rows.push([frame, xid, kind === 'request' ? 'call' : 'reply', length, procedure].join('\t'));
}
if (rows.length > 0) console.log(['frame\txid\ttype\tlength\tprocedure', ...rows].join('\n'));
