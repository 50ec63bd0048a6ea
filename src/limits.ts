/**
 * Every bound of rpcdump: what it protects, and where its number comes from.
 * Memory figures are bytes unless said otherwise.
 */
const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * One read of a capture file. Per byte, reads of 64 KiB cost about four times the CPU time; larger reads gain nothing.
 */
export const READ_CHUNK = 1 * MiB;

/**
 * The longest frame a capture may claim. Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD is 256 KiB, and its largest (USB,
 * D-Bus) 128 MiB; RPC travels in IP packets of at most 64 KiB plus link headers, or in offloaded aggregates (Linux BIG
 * TCP, 512 KiB). A larger claim counts as damage, so that a lying length cannot make the reader wait for gigabytes.
 */
export const MAX_FRAME = 16 * MiB;

/**
 * Unread bytes that a capture reader may leave in its queue when it asks for more: one frame, its headers and options.
 * With more it waits for something that can never come.
 */
export const MAX_QUEUED = MAX_FRAME + 1 * MiB;

/**
 * The longest record that the search behind damage in a capture waits for: as long as the longest frame of Wireshark
 * (256 KiB) with its options. Three of them, one after another, must fit into MAX_QUEUED.
 */
export const MAX_DAMAGE_LOOKAHEAD = 320 * KiB;

/**
 * Time between the frame before damage and the records behind it, in seconds: a day. Bytes that are no record have such
 * a time by chance once in 25,000 times.
 */
export const MAX_DAMAGE_TIME = 86_400;

/**
 * Interfaces of a pcapng file, over all its sections: protects against files made of interface blocks only. Each costs
 * about 100 bytes; a merge of thousands of files has one interface for each.
 */
export const MAX_INTERFACES = 65536;

/** Bytes kept of a pcapng interface's name: Linux has at most 15, Windows 50. With MAX_INTERFACES these are 16 MiB. */
export const MAX_INTERFACE_NAME = 256;

/** The last second of the year 9999, since 1970. Later times, and those before 1970, are damage. */
export const MAX_SECONDS = 253_402_300_799;

/**
 * Read buffers of all captures of a merge together: each file gets a share, so that a directory of 512 files stays
 * within the 150 MB that any command may use (docs/performance.md, "The bars"). More files, of SMALLEST_READ each, take
 * more; and so do compressed ones, which have a second buffer.
 */
export const MERGE_BUFFERS = 32 * MiB;

/** The least that one of many merged captures reads at once: with less, the system calls cost more than the reading. */
export const SMALLEST_READ = 64 * KiB;

/**
 * gzip input inflated at once. Deflate expands at most 1032 times (zlib's "maximum compression factor"), so one piece
 * of a bomb costs at most 17 MB before its frames are read. Damage costs what one piece inflates to.
 */
export const GZIP_PIECE = 16 * KiB;

/** The window that a zstd frame may ask for: as much as zstd itself accepts (ZSTD_WINDOWLOG_LIMIT_DEFAULT, 27). */
export const MAX_ZSTD_WINDOW = 128 * MiB;

/** Tags, labels and encapsulations below IP in one frame; real frames have two or three. */
export const MAX_LINK_LAYERS = 16;
/** Tunnels around one packet (IP in IP …). Real ones are two at most: a mirrored overlay's ERSPAN and VXLAN. */
export const MAX_TUNNELS = 8;

/**
 * Packets remembered to find duplicate frames: 1 MiB. In DUPLICATE_MICROSECONDS a 10 Gbit/s link carries 6,000 packets
 * of 1000 bytes; in ten times as many slots, one in ten of these is overwritten too early. A power of two.
 */
export const DUPLICATE_SLOTS = 65_536;
/** Time between copies of a frame: a switch copies in microseconds, a busy host's second queue in milliseconds. */
export const DUPLICATE_MICROSECONDS = 5000;
/** The same between different places: clocks of hosts differ by less than NTP lets them drift. */
export const DUPLICATE_ELSEWHERE_MICROSECONDS = 1_000_000;

/** Nesting of types while a body is decoded; deeper nesting takes more stack than a hostile body deserves. */
export const MAX_DEPTH = 200;

/**
 * Nesting of the types of a `.x`, one referring to the next; types that refer to each other in a cycle count one by one.
 * Plans and generated code are made recursively. Published protocols have fewer than 30 levels.
 */
export const MAX_TYPE_NESTING = 1000;
/** Nesting of `[…]` in a summary template: parser and compiler recurse. Hand-written ones have fewer than five. */
export const MAX_TEMPLATE_NESTING = 50;

/** The body of a credential or verifier, in bytes (RFC 5531 §8.2). */
export const MAX_AUTH_BODY = 400;

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
 * Directions of connections whose texts (endpoints, program) a list or JSON keeps, some 300 bytes each: those of twice
 * as many connections as are awake. A power of two.
 */
export const MAX_KEPT_DIRECTIONS = 4 * MAX_AWAKE_FLOWS;
/**
 * Further flows kept as objects because something is pending: half a record, missing bytes. Beyond this number the one
 * that was silent longest is forgotten as above, so that 2 KiB each stay within 32 MiB.
 */
export const MAX_PENDING_FLOWS = 16_384;

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

/** IP datagrams in reassembly: a burst that fills a pipe with NFS over UDP, in no more memory than 16 MiB. */
export const MAX_FRAGMENT_DATAGRAMS = 4096;
export const MAX_FRAGMENT_BYTES = 16 * MiB;
/** How long the fragments of one datagram wait for each other: Linux's ipfrag_time. */
export const FRAGMENT_TIMEOUT_SECONDS = 30;
/** IPv6 extension headers of one packet; more than there are kinds means a hostile packet. */
export const MAX_EXTENSION_HEADERS = 8;

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
/** Exchanges known at a time: at 128 bytes each 16 MiB, and several times the calls in flight at a busy server. */
export const MAX_EXCHANGES = 131_072;
/**
 * The part of these that calls may take which wait for longer than newer calls need to fill the table (13 s at 10,000 calls a
 * second): 16,384 calls, more than a server that stalls has open. The rest remembers answered exchanges.
 */
export const STAYING_SHARE = 1 / 8;
/** Calls without a reply that left the table, remembered in case that the reply still comes: 300 bytes each with V8's spare room. */
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
 * The pause after which a capture counts as made at another time than those before it: ten
 * times DATAGRAM_ANSWER_SECONDS. Files of a ring buffer follow each other at once, or after the
 * time that the network was idle.
 */
export const CAPTURE_PAUSE_SECONDS = 600;
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
/** The longest TLS record: 2^14 bytes of content and 256 that protecting them may add (RFC 8446 §5.2). */
export const MAX_TLS_RECORD = (1 << 14) + 256;
/**
 * Headers of TLS records in a row that make a stream TLS: other bytes look like three with a probability of some 2^-60.
 */
export const TLS_CHAIN = 3;
/** Server endpoints remembered for speaking RPC: some 130 bytes each, 8 MiB in all. A server has one for each program. */
export const MAX_KNOWN_ENDPOINTS = 65_536;

/** Elements of no bytes (void, empty structs) that a count may announce: no bytes of the message bound them. */
export const MAX_EMPTY_ELEMENTS = 1024;
/**
 * Words of a bitmap: NFSv4.2 has bits in three. A megabyte of bits would become thirty of their numbers, in each line
 * and record.
 */
export const MAX_BITMAP_WORDS = 32;
/** Bitmaps for which the sizes of the values are remembered, by place: a client asks for a few sets of attributes. */
export const MAX_KNOWN_BITMAPS = 64;
/** Notes kept of one message: a damaged list could make one for each element. */
export const MAX_NOTES = 16;

/**
 * Calls kept with their bytes until the reply comes (`--calls`, `pending`), and those bytes: a part of the 150 MB of
 * the program. A call takes some 600 bytes; a server that stalls for seconds has ten thousand open. Of older calls, and
 * where the bytes are too many, only endpoints, procedure and frame are kept: some 170 bytes a call.
 */
export const MAX_KEPT_CALLS = 16_384;
export const MAX_KEPT_BYTES = 24 * MiB;

/** Calls without a reply that `pending` lists, some 600 bytes each; of more, the oldest are kept. */
export const MAX_PENDING_CALLS = 16_384;
/**
 * Loops of calls that a server is not ready for, of those that go on and of those that are over, and findings: more than anybody reads,
 * some 500 bytes each.
 */
export const MAX_RETRY_LOOPS = 4096;
export const MAX_FINDINGS = 4096;
/** A call that was not refused for so long is not asked again: four times the longest wait of Linux' NFS client, 15 s. */
export const RETRY_SILENCE_SECONDS = 60;
/** Sessions, delegations, copies, clients and servers that one rule of findings watches at a time; some 300 bytes each. */
export const MAX_WATCHED = 16_384;

/**
 * Rows of statistics: more than anybody reads. A row takes some 1 KiB and 512 bytes for each doubling of response
 * times: 10 KiB from a microsecond to a second, 40 MiB in all. Of more rows, the smaller half is added up.
 */
export const MAX_STATISTICS_ROWS = 4096;
/** Rows of a table of statistics: whoever wants more uses a program, with --json or --csv. */
export const MAX_TABLE_ROWS = 200;

/**
 * Response times that a report draws: more dots would hide each other in a plot of some 900 by 300 pixels. The slowest
 * are all drawn, with a text of what they are; each takes some 200 bytes of the page.
 */
export const MAX_SAMPLED_TIMES = 4000;
export const MAX_SLOWEST_TIMES = 200;
/** Rows of a report's tables: as many as a person reads, in a page of some hundred KiB. */
export const MAX_REPORT_ROWS = 200;
/** Procedures whose histogram a report draws: those with most calls. */
export const MAX_REPORT_HISTOGRAMS = 24;
/** Files, clients and slow exchanges that a report lists. */
export const MAX_REPORT_TOP = 25;

/** Fields that a summary's template reaches, those of their types' `text` included: OPEN of NFSv4 has 235. */
export const MAX_SUMMARY_FIELDS = 2048;
/**
 * Bodies, one inside another, that a line shows: CALLIT carries one. A record may hold thousands, and writing them
 * recurses.
 */
export const MAX_SHOWN_BODIES = 4;
/** Bytes of an opaque that a line or a tree shows in hex (32: a SHA-256 sum); JSON has them all. */
export const MAX_SHOWN_BYTES = 32;
/**
 * Bytes of an opaque that are shown as text (hint `show text`). A longer one is shown in hex, cut off; NFSv4's owners
 * have at most 1024 (NFS4_OPAQUE_LIMIT).
 */
export const MAX_SHOWN_TEXT = 1024;
/** Elements of an array of numbers that a line shows: an AUTH_SYS credential has at most 16 groups. */
export const MAX_SHOWN_ELEMENTS = 16;
/** Words and texts that a tree shows of a body of an unknown program: a screen; JSON has all its bytes. */
export const MAX_SHOWN_WORDS = 64;
/** Encoded texts that a writer remembers: more than the names of programs, procedures and statuses in one capture. */
export const MAX_CACHED_TEXTS = 4096;

/**
 * Shapes of compounds that one generated function knows: a client has some twenty, and V8 does not optimise
 * functions of more than 60 KB of bytecode.
 */
export const MAX_USUAL_SHAPES = 24;

/** Texts kept for the values of one enum, set of flags or mode: more than any program defines or a capture combines. */
export const MAX_WORD_TEXTS = 256;
/** Link types without a decoder that are told apart in one file; a file with a type for each interface is hostile. */
export const MAX_UNKNOWN_LINKS = 64;

/** Inputs of this size on disk show their progress: smaller ones are read within a second or two. */
export const PROGRESS_BYTES = 64 * MiB;

/**
 * File handles (and file numbers) whose names are remembered, and names (directory entries) of files: some 100 bytes
 * each, and the text. A build or a mail spool touches some 100,000 files; the least recently used is forgotten.
 */
export const MAX_KNOWN_HANDLES = 131_072;
export const MAX_KNOWN_LINKS = 131_072;
/** Open calls whose replies will still teach names; what a call of NFSv4 leaves for its reply takes a kilobyte. */
export const MAX_TEACHING_CALLS = 16_384;
/** The longest file name remembered: 255 characters, the bound of most file systems, are at most 1020 bytes. */
export const MAX_NAME_KEPT = 1024;
/** Bytes of a path that are shown, the last ones: Linux takes paths of 4096 (PATH_MAX). A longer one cannot be opened. */
export const MAX_PATH_BYTES = 4096;
/** Names of a path that are shown, the last ones: PATH_MAX over 16. A handle may claim to be its own parent. */
export const MAX_PATH_NAMES = 256;
/**
 * The longest path that is kept with its directory, and with the texts of files: of 131,072 directories 32 MiB. A
 * longer one is made again each time, from the nearest directory whose path is kept. Real ones seldom reach 200 bytes.
 */
export const MAX_PATH_KEPT = 256;

/** Announced programs that are remembered: a busy rpcbind has a few hundred; each takes some 200 bytes. */
export const MAX_ANNOUNCED_PROGRAMS = 16_384;
/** Frames remembered that announced one program: rpcbind says the same for every mount. */
export const MAX_ANNOUNCED_FRAMES = 16;
/** Rows of `rpcdump services` for programs seen in use: a scan of all ports for all programs would make millions. */
export const MAX_SERVICES = 16_384;

/** RPCSEC_GSS contexts known at a time: a client makes one for each of its users and each server. */
export const MAX_GSS_CONTEXTS = 4096;
/** Sequence numbers watched in one context; of all contexts 16 MiB. Solaris offers 128 to 200, Linux 128. */
export const MAX_GSS_WINDOW = 512;

/** NFSv4 callback programs, some 100 bytes each, one for each client and mount: a capture may announce any number. */
export const MAX_CALLBACK_PROGRAMS = 16_384;

/** Slots of NFSv4.1 sessions whose last request is known, some 200 bytes each: a session uses about two. */
export const MAX_SESSION_SLOTS = 16_384;

/** Asynchronous calls of lock managers, and blocked locks, that wait for their answer: some 200 bytes each. */
export const MAX_LOCK_LINKS = 16_384;

/** Characters of a display filter: plenty for a generated one, and few enough to parse in a moment. */
export const MAX_FILTER_LENGTH = 64 * KiB;

/** Nesting of parentheses and `not` in a filter: parser and compiler recurse. A hand-written one has fewer than ten. */
export const MAX_FILTER_DEPTH = 100;

/** States of a regular expression's automaton. Matching costs states times characters; `{1000}` repeats its element. */
export const MAX_PATTERN_STATES = 10_000;

/** Frames remembered of a message that came in many: 8 MiB in segments of 128 bytes. The last one is always known. */
export const MAX_CARRIERS = 65_536;

/** Comments in a written capture: some 100 bytes each. Further messages are written without. */
export const MAX_FRAME_COMMENTS = 200_000;

/** Frames of calls sent again that `-w` remembers until it is known whether the reply is selected: 8 MiB, of more than ten thousand calls. */
export const MAX_RESENT_FRAMES = 1 << 20;

/** TCP segments in IP fragments whose frames `-w` remembers until it is known whether they are needed: some 8 MiB. */
export const MAX_FRAGMENTED_SEGMENTS = 32_768;

/** Frames of standard input kept until it is known whether they will be written: five seconds of 100 Mbit/s. */
export const MAX_STORED_FRAME_BYTES = 64 * MiB;
/**
 * Memory of a stored frame besides its bytes: objects and a table entry. Without it, small frames would not be bounded.
 */
export const STORED_FRAME_OVERHEAD = 1 * KiB;

/**
 * The same for frames that are anonymised, each with the places of its bytes in its stream: making them takes a part of
 * the program's 150 MB, too. A message of 1 MiB is complete after some 700 frames; these are 5,000 full ones, other
 * connections' frames between them included.
 */
export const MAX_ANONYMIZED_FRAME_BYTES = 18 * MiB;
export const ANONYMIZED_FRAME_OVERHEAD = 2 * KiB;

/** Files that --export-objects tells apart: some 500 bytes each. Data of other files is left out and counted. */
export const MAX_OBJECTS = 65_536;
/** Files of --export-objects open at a time: a quarter of the usual limit of 1024 (RLIMIT_NOFILE). */
export const MAX_OPEN_OBJECTS = 256;
/** Separate pieces of one file, and of all files: 16 bytes each. A file read at random places has thousands. */
export const MAX_OBJECT_PIECES = 65_536;
export const MAX_OBJECT_PIECES_TOTAL = 1 << 20;
/** The largest believable offset: the largest file of ext4 (16 TiB). Files are sparse, so a lie costs no space. */
export const MAX_OBJECT_SIZE = 16 * 1024 * 1024 * MiB;
/** Bytes written in all: more than a capture on an ordinary disk holds, so that a bomb does not fill the disk. */
export const MAX_OBJECT_BYTES = 64 * 1024 * MiB;
/**
 * Blocks and bytes that --export-objects makes of the patterns of WRITE_SAME, beyond those that were sent. A call of
 * 100 bytes may ask for any number; these are some seconds of writing, and no more than a capture of middle size.
 */
export const MAX_SAME_BLOCKS = 65_536;
export const MAX_SAME_BYTES = 1024 * MiB;
/** The longest name of a file: 255 bytes on Linux, less a suffix that keeps equal names apart. */
export const MAX_OBJECT_NAME = 240;
/** The longest path below the folder of --export-objects: Linux takes 4096 bytes in all. The last parts are kept. */
export const MAX_OBJECT_PATH = 3072;
/** Places of one file that are reported because they were read or written with other bytes than before; all are counted. */
export const MAX_OBJECT_CONFLICTS = 64;

/**
 * Addresses, and permutations of octets, that --anonymize remembers: some 500 bytes each; others are computed again.
 */
export const MAX_ANONYMIZED_ADDRESSES = 16_384;
/** The same for names, handles and other short values. */
export const MAX_ANONYMIZED_TEXTS = 65_536;

/** Bytes of a file of rules, and rules in all: a hand-written one has a few dozen of a line each. */
export const MAX_RULE_FILE = 1 * MiB;
export const MAX_RULES = 1000;
/** Frames that a failed rule names when it does not say how many: a screen has room for those of a few rules. */
export const POINTED_FRAMES = 10;
/** The most frames that a rule may ask for: some 200 bytes each, for each rule. */
export const MAX_POINTED_FRAMES = 1000;
/** Other programs, clients … that a rule about what may occur names; a scan of all addresses would bring millions. */
export const MAX_FOUND_VALUES = 16;
/** Clients, servers or connections whose order a rule checks: some 100 bytes each. */
export const MAX_ORDERS = 65_536;

/**
 * The window of `diff`: exchanges of either recording among which counterparts are found, at some 500 bytes each, and
 * their fields at some 15 bytes, so that both windows stay within 12 MB. It bounds differences of order: a client has
 * at most hundreds of calls in flight, but a script may run its steps in parallel.
 */
export const DIFF_WINDOW = 4096;
export const DIFF_WINDOW_FIELDS = 262_144;
/**
 * Bytes of waiting exchanges in blocks outside of the heap, for windows and findings; more have buffers of their own.
 */
export const MAX_DIFF_BYTES = 24 * MiB;
/**
 * Exchanges of one client, server and program that wait for a later counterpart: each is compared with every newcomer.
 */
export const MAX_DIFF_UNMATCHED = 512;
/** Findings that wait for an earlier one which may be missing or may have moved: half a window. */
export const MAX_DIFF_FINDINGS = 2048;
/**
 * Pairs remembered to tell whether order changed, some 200 bytes each: two windows, because clients that are
 * compared each on its own share them.
 */
export const MAX_DIFF_RECENT = 8192;
/** The newest pairs of one lane, which are searched for pairs that crossed: half a window. */
export const MAX_DIFF_LANE_PAIRS = 2048;
/**
 * Connections of either recording whose counterparts are known, and votes for these, which are halved at so many. Each
 * vote may be for another connection, at some 40 bytes: 10 MB for both recordings at worst. A lane of a busy host has
 * tens of connections, and the share of a counterpart is certain with far fewer votes.
 */
export const MAX_DIFF_CONNECTIONS = 1024;
export const MAX_DIFF_CONNECTION_VOTES = 128;
/** Ended exchanges that wait for the reply to an earlier call: several times the calls in flight of a busy client. */
export const MAX_DIFF_HELD = 1024;
/** Exchanges of either recording known at a time: both share what one pass over a capture may know. */
export const MAX_DIFF_EXCHANGES = MAX_EXCHANGES / 2;
/** Bytes kept of unfinished records of either recording: both share what one pass may keep. */
export const MAX_DIFF_RECORDS_TOTAL = MAX_RECORDS_TOTAL / 2;
/**
 * Flows of either recording kept as objects, so that both together take 4 MiB: more clients than a test has at a time.
 */
export const MAX_DIFF_AWAKE_FLOWS = MAX_AWAKE_FLOWS / 4;
/**
 * Names (handles, verifiers, stateids …) of either recording that are matched to names of the other, some 250 bytes
 * each: 16 MiB a recording. Nobody reads a test that touches more files at a time.
 */
export const MAX_DIFF_NAMES = 65_536;
/** Bytes of a file's contents kept for comparison: a page. Longer contents are compared by length and fingerprint. */
export const MAX_DIFF_CONTENTS = 4 * KiB;
/** Hosts of either recording that are paired with those of the other, some 60 bytes each. */
export const MAX_DIFF_HOSTS = 65_536;
/** Lanes (a client, a server, a program) beyond which those are forgotten in which nothing waits. */
export const MAX_DIFF_LANES = 4096;
/** Keys of exchanges that were given up, to tell whether the other recording has them beyond the window: four windows. */
export const MAX_DIFF_UNMATCHED_KEYS = 16_384;
/** Characters of a value that text shows, a line of a wide terminal; JSON has the whole value. */
export const MAX_DIFF_SHOWN = 120;
/** Paths for which the exchanges that changed them are counted: more than the fields of any program's results. */
export const MAX_DIFF_PATHS = 4096;

/**
 * Messages pass between threads (`--jobs`) in blocks: some 500 messages of metadata, or a millisecond's work, so that a
 * handover costs nothing and no message waits long for the last.
 */
export const UNIT_BLOCK = 64 * KiB;
/**
 * Blocks in use at a time (filled, rendered, waiting): enough that the faster thread finds work, even while the other's
 * code is not compiled yet. With their texts 10 MiB. With 8, both threads of a list of 400 MB slept for twice as long.
 */
export const UNIT_BLOCKS = 32;
/** Of these, blocks that must be free before a frame is read: one frame may end a gap and release all that waited. */
export const SPARE_UNIT_BLOCKS = 8;
/**
 * Blocks that wait for the writing thread, for each thread besides it, before the reading thread renders too. With 1
 * the writing thread at times runs dry (the list takes a tenth longer); with 4 to 12 it does not.
 */
export const MAX_WAITING_UNIT_BLOCKS = 8;
/** Text made of a block ahead of its turn: JSON is some four times the messages. The rest is made again in its turn. */
export const UNIT_BLOCK_TEXT = 256 * KiB;
/** The longest message that is rendered ahead: longer ones are few, and would take the room of many. */
export const MAX_RENDERED_AHEAD = 4 * KiB;
/** Programs for which the procedures that cannot be rendered ahead are remembered: 4 KiB each; a capture has a few. */
export const MAX_KNOWN_KINDS = 64;

/**
 * Files that stay open at a time, of captures that are read together: a process may have 256 open files or more, and a
 * ring buffer may have thousands. Files of one ring follow each other, so hardly any is opened twice.
 */
export const MAX_OPEN_FILES = 128;
/**
 * KiB in the kernel for frames that the tcpdump of `-i` has not read yet. libpcap keeps a slot of a frame's greatest
 * length for each (64 KiB with segmentation offload and on loopback), so its own 2 MiB are 32 frames: a burst of 480
 * frames lost 180 to 680. With 16 MiB none was lost; this is twice as much.
 */
export const CAPTURE_BUFFER_KIB = 32_768;
/** Characters kept of what the capture program of `-i` writes to standard error: the last ones, with its counts of drops. */
export const MAX_CAPTURE_PROGRAM_TEXT = 4 * KiB;

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
