/**
 * Bounds between payloads and messages: records and the search for them, exchanges, what is learnt of programs,
 * RPC-over-RDMA.
 */
import { MiB } from './units.js';

/** Pairs of a client and a server whose connections did not open, some 300 bytes each: a scan of ports makes thousands. */
export const MAX_UNOPENED_CONNECTIONS = 1024;

/** The body of a credential or verifier, in bytes (RFC 5531 §8.2). */
export const MAX_AUTH_BODY = 400;

/**
 * The longest record that a mark can announce. NFS servers offer at most 1 MiB of data a call (Linux: 4 MiB), GlusterFS
 * 1 MiB; the first bytes of HTTP, TLS or SSH, read as a mark, claim more than 100 MB.
 */
export const MAX_RECORD = 64 * MiB;

/**
 * The same for a record found by a scan, of a program that the direction had no call of, or a reply without a known
 * call: twice the largest usual record. Files are full of words such as 0x01000000.
 */
export const MAX_UNKNOWN_RECORD = 8 * MiB;

/** Bytes kept of a record that spans segments; further bytes are only counted, and the message is marked truncated. */
export const MAX_RECORD_KEPT = 8 * MiB;

/**
 * Bytes kept of all unfinished records of all connections, with the free buffers for the next ones: 44 transfers of
 * 1 MiB at once, as of a few clients with 16 connections each. 40 of them take a list from 70 to 110 MB; behind a million
 * metadata calls, whose tables are full, to 136 MB of the program's 150.
 */
export const MAX_RECORDS_TOTAL = 48 * MiB;

/**
 * When records need more memory than that, a record gives up its buffer if this many buffers were requested since it
 * last grew: more than 44 transfers of 1 MiB request while one of them grows, and few enough that connections that
 * ended in a seemingly huge record do not starve those that go on.
 */
export const SILENT_RECORD = 256;

/**
 * Free buffers that are kept although the last 256 buffers taken needed none of them, a part of MAX_RECORDS_TOTAL: eight
 * transfers of 1 MiB. It bounds what stays after a busy time, and after damaged lengths that claimed megabytes.
 */
export const MAX_FREE_RECORDS = 8 * MiB;

/** Empty fragments in a row after which a stream is not RPC: a stream of zeros reads as nothing else. */
export const MAX_EMPTY_FRAGMENTS = 16;

/** Bytes of a direction that are searched for its first record: as many as the largest record of a Linux server has. */
export const SCAN_BUDGET = 4 * MiB;

/**
 * Segments remembered of the undecided bytes of a scan: a header that comes in more is attributed to the first ones and
 * the last. A hundred thousand connections at rest keep them for both directions.
 */
export const MAX_SCANNED_SEGMENTS = 8;

/** Frames remembered of a message that came in many: 8 MiB in segments of 128 bytes. The last one is always known. */
export const MAX_CARRIERS = 65_536;

/** The longest TLS record: 2^14 bytes of content and 256 that protecting them may add (RFC 8446 §5.2). */
export const MAX_TLS_RECORD = (1 << 14) + 256;

/**
 * Headers of TLS records in a row that make a stream TLS: other bytes look like three with a probability of some 2^-60.
 */
export const TLS_CHAIN = 3;

/** Exchanges known at a time: at 128 bytes each 16 MiB, and several times the calls in flight at a busy server. */
export const MAX_EXCHANGES = 131_072;

/**
 * The part of these that calls may take which wait for longer than newer calls need to fill the table (13 s at 10,000 calls a
 * second): 16,384 calls, more than a server that stalls has open. The rest remembers answered exchanges.
 */
export const STAYING_SHARE = 1 / 8;

/**
 * Calls without a reply that left the table, remembered in case that the reply still comes: 300 bytes each with V8's spare
 * room.
 */
export const MAX_FORGOTTEN_CALLS = 4096;

/** How long an answered exchange is remembered, for retransmissions and duplicate replies. */
export const ANSWERED_SECONDS = 120;

/**
 * How long a call whose connection ended may be sent again on a new one; as long as answered exchanges are remembered.
 */
export const RECONNECT_SECONDS = 120;

/**
 * If a server answers a call that was sent this much later than another, it has passed over the earlier one. Less than
 * the 0.7 s after which an NFS client over UDP sends again, and more than calls overtake each other at a busy server.
 */
export const PASSED_OVER_SECONDS = 0.5;

/** How long an answer over UDP may take: rpcbind's clients wait a minute; NFS's have given up a round of resends. */
export const DATAGRAM_ANSWER_SECONDS = 60;

/**
 * Calls of a connection among which a resent TCP segment looks for its own. A segment is sent again within a few round
 * trips, and clients have up to some 200 calls in flight on a connection (session slots of an NFSv4.1 server).
 */
export const MAX_RETRANSMISSION_LOOKBACK = 256;

/**
 * Exchanges of a UDP client with one xid, of other arguments each, among which that with one server is looked for: a
 * network has 254 hosts.
 */
export const MAX_SAME_XID = 256;

/** Server endpoints remembered for speaking RPC: some 130 bytes each, 8 MiB in all. A server has one for each program. */
export const MAX_KNOWN_ENDPOINTS = 65_536;

/** Announced programs that are remembered: a busy rpcbind has a few hundred; each takes some 200 bytes. */
export const MAX_ANNOUNCED_PROGRAMS = 16_384;

/** Frames remembered that announced one program: rpcbind says the same for every mount. */
export const MAX_ANNOUNCED_FRAMES = 16;

/** NFSv4 callback programs, some 100 bytes each, one for each client and mount: a capture may announce any number. */
export const MAX_CALLBACK_PROGRAMS = 16_384;

/**
 * Segments of remote memory, and chunks, in one header of RPC-over-RDMA: with headers of 4 KiB, as Linux sends at most,
 * there is room for a fourth of these.
 */
export const MAX_RDMA_SEGMENTS = 1024;

/**
 * What is known of chunks of calls without a reply, over all connections: calls, chunks and segments count one each, with
 * some 300 bytes at most. A client has 128 calls on their way at a time, each with a chunk of one segment or two, or of
 * hundreds where its memory is not registered in one piece.
 */
export const MAX_RDMA_CHUNK_PARTS = 32_768;

/** Chunks under one key of remote memory: all calls of a connection may share one. */
export const MAX_CHUNKS_A_KEY = 256;

/** SENDs of a connection that are no RPC-over-RDMA, before it counts as something else (iSER, NVMe, SMB Direct, Lustre). */
export const MAX_RDMA_STRIKES = 8;
