/**
 * Bounds between frames and payloads: headers, duplicate frames, fragments, flows, TCP streams, RDMA queue pairs.
 */
import { MiB } from './units.js';

/** Tags, labels and encapsulations below IP in one frame; real frames have two or three. */
export const MAX_LINK_LAYERS = 16;

/** Tunnels around one packet (IP in IP …). Real ones are two at most: a mirrored overlay's ERSPAN and VXLAN. */
export const MAX_TUNNELS = 8;

/** Link types without a decoder that are told apart in one file; a file with a type for each interface is hostile. */
export const MAX_UNKNOWN_LINKS = 64;

/** IPv6 extension headers of one packet; more than there are kinds means a hostile packet. */
export const MAX_EXTENSION_HEADERS = 8;

/**
 * Packets remembered to find duplicate frames: 1 MiB. In DUPLICATE_MICROSECONDS a 10 Gbit/s link carries 6,000 packets
 * of 1000 bytes; in ten times as many slots, one in ten of these is overwritten too early. A power of two.
 */
export const DUPLICATE_SLOTS = 65_536;

/** Time between copies of a frame: a switch copies in microseconds, a busy host's second queue in milliseconds. */
export const DUPLICATE_MICROSECONDS = 5000;

/** The same between different places: clocks of hosts differ by less than NTP lets them drift. */
export const DUPLICATE_ELSEWHERE_MICROSECONDS = 1_000_000;

/** IP datagrams in reassembly: a burst that fills a pipe with NFS over UDP, in no more memory than 16 MiB. */
export const MAX_FRAGMENT_DATAGRAMS = 4096;
export const MAX_FRAGMENT_BYTES = 16 * MiB;

/** How long the fragments of one datagram wait for each other: Linux's ipfrag_time. */
export const FRAGMENT_TIMEOUT_SECONDS = 30;

/**
 * Flows (pairs of endpoints) known at a time: nearly as many as fit into the 150 MB of the program. A flow takes some
 * 300 bytes, a TCP connection at rest 100 more. When a flow is forgotten, its calls without a reply are reported as
 * such; a TCP connection that goes on is joined again in mid-stream.
 */
export const MAX_FLOWS = 100_000;

/**
 * Flows kept as objects, those last heard of. A TCP connection takes 2 KiB, so these are 8 MiB, for more
 * connections than a busy server has: putting one to rest and waking it costs 2 µs, which connections taking
 * turns would pay with each packet.
 */
export const MAX_AWAKE_FLOWS = 4096;

/**
 * Further flows kept as objects because something is pending: half a record, missing bytes. Beyond this number the one
 * that was silent longest is forgotten as above, so that 2 KiB each stay within 32 MiB.
 */
export const MAX_PENDING_FLOWS = 16_384;

/**
 * The grace of missing bytes: how long acknowledged bytes may stay unseen before they are a hole, in packets
 * of the connection or in seconds. Interfaces and CPUs of one capture swap frames, rarely over more than a
 * burst (64 segments, NAPI's budget). Over UDP a reply waits as long for its call, in frames of the capture;
 * 64 datagrams of 64 KiB are 4 MiB.
 */
export const GAP_GRACE_PACKETS = 64;
export const GAP_GRACE_SECONDS = 2;

/** The same where only one direction was captured, so that no acknowledgement can come: a window of full segments. */
export const ONE_SIDED_GRACE_PACKETS = 512;

/**
 * Frames of the capture for which a connection is still listened to after its RST, if no bytes are known to be missing
 * and some connection was opened at the time: a client that connects anew takes three frames before it calls again.
 * Otherwise these are GAP_GRACE_PACKETS frames. So as many connections are listened to at a time: each RST is a frame.
 */
export const RESET_GRACE_FRAMES = 3;

/**
 * Out-of-order bytes that wait in one direction. Linux's default receive window grows to 6 MiB (net.ipv4.tcp_rmem), but
 * when so much waits behind a gap that nobody acknowledged, the capture lost the gap's bytes.
 */
export const MAX_WAITING_BYTES = 4 * MiB;

/** The same in segments, so that one-byte segments cannot make the sorted buffer costly. */
export const MAX_WAITING_SEGMENTS = 4096;

/**
 * The same over all connections: a part of the 150 MB of the program. Beyond it, the connections that have waited longest
 * give up what is missing.
 */
export const MAX_WAITING_TOTAL = 24 * MiB;

/** Memory of a waiting segment besides its bytes: five objects. Without it, small segments would not be bounded. */
export const WAITING_OVERHEAD = 448;

/** The largest step of sequence numbers that is believed: the largest window of TCP (RFC 7323 §2.2). */
export const MAX_SEQUENCE_JUMP = 1 << 30;

/**
 * How far behind the next expected byte a segment may be to count as sent again. Senders keep what is not acknowledged,
 * a few MiB unless tuned (Linux: tcp_wmem), and two captures of one line lag behind each other. What is farther behind
 * follows a hole of GiBs, or belongs to another connection of the same ports.
 */
export const MAX_RESEND_DISTANCE = 1 << 28;

/** How far behind its SYN an overtaken segment may be: a SYN's window is not scaled (RFC 7323 §2.2). */
export const MAX_FIRST_WINDOW = 65_535;

/**
 * How much later a SYN with the same number may be a copy of the last one, captured twice by clocks that differ: as
 * long as hosts send a SYN again (RFC 9293 §3.8.3). After that, recorded traffic is being sent again.
 */
export const MAX_SYN_SECONDS = 180;

/**
 * Queue pairs of RDMA known at a time, some 1 KiB each: 16 MiB. A server has two for each connection of a client, and
 * its card some hundred thousand at most, for all protocols.
 */
export const MAX_QUEUE_PAIRS = 16_384;

/** Queue pairs of two hosts whose partners are looked for: a client has at most 16 connections (`nconnect`) to a server. */
export const MAX_QUEUE_PAIR_CANDIDATES = 64;

/**
 * How long ago a request may have been sent, in packets, to be the one that a response names: what a connection has on
 * its way at a time. The numbers of another connection are as near by chance once in 16,000 times.
 */
export const RECENT_REQUESTS = 1024;

/** RDMA READs of one direction whose responses are awaited: cards allow 16 at a time, the field for it 255. */
export const MAX_RDMA_READS = 256;

/** RDMA packets that wait in one direction behind missing ones: as many as the grace allows in packets of one direction. */
export const MAX_RDMA_WAITING = 64;

/** Directions with such packets: with packets of 4 KiB, the largest, all together are 16 MiB. */
export const MAX_WAITING_QUEUE_PAIRS = 64;
