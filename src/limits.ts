/**
 * Every bound of rpcdump: what it protects, and where its number comes from.
 * Memory figures are bytes unless said otherwise.
 */
const KiB = 1024;
const MiB = 1024 * KiB;

/** One read of a capture file. 1 MiB reads cost 1 % of the CPU time of 64 KiB reads, and more gives nothing further. */
export const READ_CHUNK = 1 * MiB;

/**
 * The longest frame a capture may claim. Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD is 256 KiB and its largest (USB, D-Bus)
 * 128 MiB; RPC travels in IP packets of at most 64 KiB plus link headers, or offloaded aggregates (Linux BIG TCP, 512 KiB).
 * Larger claims are taken for damage, so that a lying length cannot make the reader wait for gigabytes.
 */
export const MAX_FRAME = 16 * MiB;

/**
 * Unread bytes that a capture reader may leave in its queue before it asks for more: one frame, its headers and options.
 * More means that a reader waits for something it can never get.
 */
export const MAX_QUEUED = MAX_FRAME + 1 * MiB;

/**
 * Interfaces of a pcapng file, over all its sections. Each costs about 100 bytes; a merge of thousands of files has one
 * each. Against files made of interface blocks only.
 */
export const MAX_INTERFACES = 65536;

/** Bytes kept of a pcapng interface's name: Linux' have at most 15, Windows' 50. With as many interfaces as above these are 16 MiB. */
export const MAX_INTERFACE_NAME = 256;

/** The last second of the year 9999, since 1970: the last one that a date of four digits has. Later frames, and those before 1970, are damage. */
export const MAX_SECONDS = 253_402_300_799;

/**
 * Read buffers of all captures that are merged, together: they share it, so that a directory of hundreds of files stays
 * within the memory of DESIGN §6.
 */
export const MERGE_BUFFERS = 32 * MiB;

/** The least that one of many merged captures reads at once: below, system calls cost more than the reading. */
export const SMALLEST_READ = 64 * KiB;

/**
 * gzip input inflated at once. Deflate gives at most 1032 bytes for one (zlib's "maximum compression factor"), so a piece
 * of a bomb costs at most 17 MB before its frames are read; and damage costs what one piece inflates to.
 */
export const GZIP_PIECE = 16 * KiB;

/** The window a zstd frame may ask for: what the zstd program itself accepts (ZSTD_WINDOWLOG_LIMIT_DEFAULT, 27). */
export const MAX_ZSTD_WINDOW = 128 * MiB;

/** Tags, labels and encapsulations below IP that are walked in one frame; real ones have two or three. */
export const MAX_LINK_LAYERS = 16;
/** IP in IP in IP …: real packets are in two tunnels at most (a mirrored frame of an overlay network: in ERSPAN and VXLAN). */
export const MAX_TUNNELS = 8;

/**
 * Packets remembered to find duplicate frames: 1 MiB. What a 10 Gbit/s link carries in DUPLICATE_MICROSECONDS is 6,000 packets of
 * 1000 bytes, and of those that fall into ten times as many slots one in ten is forgotten too early. A power of two.
 */
export const DUPLICATE_SLOTS = 65_536;
/** How far apart copies of a frame may be: a switch or a bridge copies in microseconds, a busy host's second queue in milliseconds. */
export const DUPLICATE_MICROSECONDS = 5000;
/** The same where the place is another: hosts whose captures are merged have clocks that differ, by less than NTP lets them drift. */
export const DUPLICATE_ELSEWHERE_MICROSECONDS = 1_000_000;

/** How deep types may nest while a body is decoded. DESIGN §3; deeper needs more stack than a hostile body deserves. */
export const MAX_DEPTH = 200;

/** The body of a credential or verifier, in bytes (RFC 5531 §8.2). */
export const MAX_AUTH_BODY = 400;

/**
 * Flows (pairs of endpoints) known at a time: as many as nearly fit into the 150 MB that the program may use. One takes some 300
 * bytes, a TCP connection at rest 100 more. Of a flow that is forgotten the calls without a reply are told as such, and a TCP connection
 * that goes on is joined again in mid-stream.
 */
export const MAX_FLOWS = 100_000;
/**
 * Flows of which all is known as objects, the ones last heard of; a TCP connection takes 2 KiB, so these are 8 MiB. More connections than
 * a busy server has: putting one to rest and waking it costs 2 µs, which those that take turns would pay with each packet.
 */
export const MAX_AWAKE_FLOWS = 4096;
/**
 * Directions of connections whose texts a list or JSON keeps (endpoints, program), some 300 bytes each: those of twice as many connections
 * as are awake. A power of two.
 */
export const MAX_KEPT_DIRECTIONS = 4 * MAX_AWAKE_FLOWS;
/**
 * Others that stay so because something of theirs is pending: half a record, bytes that are missing. Of more the connection is forgotten as
 * above, so that 2 KiB each stay within 32 MiB.
 */
export const MAX_PENDING_FLOWS = 16_384;

/**
 * Out-of-order bytes that wait for one direction. Linux's default receive window grows to 6 MiB (net.ipv4.tcp_rmem), but
 * what waits this long behind a gap that nobody acknowledged was lost by the capture.
 */
export const MAX_WAITING_BYTES = 4 * MiB;
/** The same in segments, so that one-byte segments cannot make the sorted buffer costly. */
export const MAX_WAITING_SEGMENTS = 4096;
/** The same over all connections: part of the 150 MB that the program may use. */
export const MAX_WAITING_TOTAL = 24 * MiB;
/** What a segment that waits takes beside its bytes: five objects. Small ones would not be bounded without. */
export const WAITING_OVERHEAD = 448;

/**
 * How long acknowledged bytes may stay unseen before they are a hole: packets of the same connection, or whole seconds.
 * Interfaces and CPUs of one capture swap neighbours, rarely more than a burst (64 segments of NAPI's budget).
 * Over UDP a reply waits for its call as long, in frames of the capture; with 64 KiB each these are 4 MiB.
 */
export const GAP_GRACE_PACKETS = 64;
export const GAP_GRACE_SECONDS = 2;
/** The same where only one direction was captured, and no acknowledgement can come: a window of full segments. */
export const ONE_SIDED_GRACE_PACKETS = 512;

/**
 * Frames of the capture for which a connection is still listened to behind its RST, where no bytes are known to be missing and a connection was opened
 * at the time: a client that connects anew takes three before it calls again. Without, and with bytes missing, GAP_GRACE_PACKETS; no more
 * connections than these are listened to at a time.
 */
export const RESET_GRACE_FRAMES = 3;

/** The largest step of sequence numbers taken at its word: the largest window TCP can have (RFC 7323 §2.2). */
export const MAX_SEQUENCE_JUMP = 1 << 30;
/**
 * How far behind the next byte a segment may be that was sent before: what senders keep until it is acknowledged, a few MiB unless somebody
 * tuned them (Linux' tcp_wmem), and what two captures of one line lag behind each other. Farther behind there is what came behind a hole of
 * GiBs, or another connection of the same ports.
 */
export const MAX_RESEND_DISTANCE = 1 << 28;

/** How far behind its SYN a segment may be that came before it: the window of a SYN is not scaled (RFC 7323 §2.2). */
export const MAX_FIRST_WINDOW = 65_535;

/** IP datagrams being put together: a burst of one full pipe of NFS over UDP, and no more memory than 16 MiB. */
export const MAX_FRAGMENT_DATAGRAMS = 4096;
export const MAX_FRAGMENT_BYTES = 16 * MiB;
/** How long fragments of one datagram wait for each other: Linux's ipfrag_time. */
export const FRAGMENT_TIMEOUT_SECONDS = 30;
/** IPv6 extension headers that are followed in one packet; more than the kinds there are means a hostile packet. */
export const MAX_EXTENSION_HEADERS = 8;

/**
 * The longest record that a mark is believed to announce. NFS servers offer at most 1 MiB of data a call (Linux: 4 MiB),
 * GlusterFS 1 MiB; the first bytes of HTTP, TLS or SSH, read as a mark, claim more than 100 MB.
 */
export const MAX_RECORD = 64 * MiB;
/**
 * The same where a record is found that nothing before it announces: a program that its direction did not have, a reply whose call is not known.
 * Twice what the largest usual record has; files are full of words such as 0x01000000.
 */
export const MAX_UNKNOWN_RECORD = 8 * MiB;
/** Bytes kept of a record that spans segments; what lies behind them is counted, and the message marked truncated. */
export const MAX_RECORD_KEPT = 8 * MiB;
/**
 * Bytes kept of all unfinished records, over all connections, with the free buffers for the next ones: some 25 transfers of 1 MiB at once. The rest of the
 * 150 MB that the program may use is for tables.
 */
export const MAX_RECORDS_TOTAL = 32 * MiB;
/**
 * Where more are asked for, a record gives up its bytes once so many buffers were asked for since it grew: more than 25 transfers of 1 MiB
 * ask for while one of them doubles, and few enough that connections which ended in a record that seemed to be megabytes long do not starve those that go on.
 */
export const SILENT_RECORD = 256;
/**
 * Of these, what is kept for the next records: two records of 1 MiB grow through buffers of so many bytes. What a quiet capture no longer needs, or
 * seemed to be megabytes long where bytes were damaged, is no more than that.
 */
export const MAX_FREE_RECORDS = 8 * MiB;
/** Fragments of no bytes in a row after which a stream is not RPC: a stream of zeros reads as nothing else. */
export const MAX_EMPTY_FRAGMENTS = 16;
/** Bytes of a direction that are searched for a first record before it is given up: the largest usual record, twice. */
export const SCAN_BUDGET = 4 * MiB;
/** Exchanges known at a time: at 128 bytes each 16 MiB, and several times the calls in flight of a busy server. */
export const MAX_EXCHANGES = 131_072;
/** How long an answered exchange is remembered, for resends and second replies: DESIGN §2. */
export const ANSWERED_SECONDS = 120;
/** How long a call whose connection ended may be sent again on a new one; as long as an answered one is remembered. */
export const RECONNECT_SECONDS = 120;
/**
 * A server that answers a call which was sent so much later has passed the earlier one over. Less than the 0.7 s after which
 * an NFS client over UDP would send again, and more than requests overtake each other at a busy server.
 */
export const PASSED_OVER_SECONDS = 0.5;
/** How long an answer over UDP may take: rpcbind's own clients wait for a minute, and NFS's have given up a round of resends. */
export const DATAGRAM_ANSWER_SECONDS = 60;
/**
 * A capture that begins so long after those before it ended is one of another time: ten rounds of the wait above. Files of a ring buffer follow
 * each other at once, or after as long as the network was idle.
 */
export const CAPTURE_PAUSE_SECONDS = 600;
/** Calls of a connection that a TCP segment sent again is looked for in: it is as old as a round trip, or a timeout's few. */
export const MAX_RETRANSMISSION_LOOKBACK = 64;
/** Calls of a UDP client with one xid to several servers among which the exact one is looked for: a network has 254 hosts. */
export const MAX_SAME_XID = 256;
/** The longest TLS record: 2^14 bytes of content and 256 that protecting them may add (RFC 8446 §5.2). */
export const MAX_TLS_RECORD = (1 << 14) + 256;
/** Record headers in a row that make a stream TLS: bytes that are none look like three with a chance of some 2^-60. */
export const TLS_CHAIN = 3;
/** The longest UDP payload (RFC 768: a length of 16 bits, the header's 8 bytes included): where the last fragment was lost. */
export const MAX_DATAGRAM = 65_535 - 8;
/** Server endpoints remembered as speaking RPC. */
export const MAX_KNOWN_ENDPOINTS = 65_536;

/** Elements of no bytes (void, empty structs) that a count is believed to announce: nothing in the message bounds them. */
export const MAX_EMPTY_ELEMENTS = 1024;
/** Bitmaps whose values' sizes are remembered for each place of them: a client asks for a few sets of attributes. */
export const MAX_KNOWN_BITMAPS = 64;
/** Notes kept of one message: a damaged list would make one for each element. */
export const MAX_NOTES = 16;

/**
 * Calls that are kept with their bytes until their reply comes (`--calls`, `pending`), and those bytes: part of the 150 MB that the
 * program may use. A call takes some 600 bytes; a server that stalls for seconds has ten thousand open. Of older ones, and where the bytes
 * are too many, only endpoints, procedure and frame are kept: some 170 bytes a call.
 */
export const MAX_KEPT_CALLS = 16_384;
export const MAX_KEPT_BYTES = 24 * MiB;

/** Calls without a reply that `pending` lists, some 600 bytes each: of more the oldest are kept. */
export const MAX_PENDING_CALLS = 16_384;
/** Loops of calls that a server is not ready for, and findings: more than anybody reads, some 500 bytes each. */
export const MAX_RETRY_LOOPS = 4096;
export const MAX_FINDINGS = 4096;
/** Sessions, delegations, copies, clients and servers that one rule of findings watches at a time; some 300 bytes each. */
export const MAX_WATCHED = 16_384;

/**
 * Rows of statistics: some 1 KiB each and 512 bytes for each doubling of response times, which is 10 KiB from a microsecond to a second
 * and 40 MiB in all; more than anybody reads. Of more the smaller half is added up.
 */
export const MAX_STATISTICS_ROWS = 4096;
/** Rows of statistics' table: more is for programs, which take --json or --csv. */
export const MAX_TABLE_ROWS = 200;

/**
 * Response times that a report draws: more dots than that hide each other in a plot of some 900 by 300 pixels. All of the slowest are
 * drawn, with what they are as text; each takes some 200 bytes of the page.
 */
export const MAX_SAMPLED_TIMES = 4000;
export const MAX_SLOWEST_TIMES = 200;
/** Rows of a report's tables: what a person reads, and few enough for a page of some hundred KiB. */
export const MAX_REPORT_ROWS = 200;
/** Procedures that a report draws a histogram of: those with most calls. */
export const MAX_REPORT_HISTOGRAMS = 24;
/** Files, clients and slow exchanges that a report lists. */
export const MAX_REPORT_TOP = 25;

/** Fields that a template leads to, with those of the `text` of its fields' types, which may multiply: OPEN of NFSv4 has 235. */
export const MAX_SUMMARY_FIELDS = 2048;
/** Bytes of an opaque that a line or a tree shows in hex; JSON has them all. 32 is a SHA-256 sum. */
export const MAX_SHOWN_BYTES = 32;
/** Bytes of an opaque that are shown as text (hint `show text`); of more the first in hex. NFSv4's owners have 1024 at most (NFS4_OPAQUE_LIMIT). */
export const MAX_SHOWN_TEXT = 1024;
/** Elements of an array of numbers that a line shows: an AUTH_SYS credential has at most 16 groups. */
export const MAX_SHOWN_ELEMENTS = 16;
/** Words and texts that a tree shows of a body that nobody knows: a screen; JSON has all its bytes. */
export const MAX_SHOWN_WORDS = 64;
/** Encoded texts remembered by a writer: more than all names of programs, procedures and statuses in one capture. */
export const MAX_CACHED_TEXTS = 4096;

/** Shapes of compounds that one generated function knows: a client has some twenty, and V8 does not optimise functions of more than 60 KB of bytecode. */
export const MAX_USUAL_SHAPES = 24;

/** Texts kept for the values of one enum, set of flags or mode: more than any program defines; combinations of flags are many, but few are used. */
export const MAX_WORD_TEXTS = 256;
/** Link types without a decoder that are told apart in one file: one that claims another for each interface is hostile. */
export const MAX_UNKNOWN_LINKS = 64;

/** Inputs of this many bytes on disk show their progress: smaller ones are read within a second or two. */
export const PROGRESS_BYTES = 64 * MiB;

/**
 * File handles (and file numbers) remembered for their names, and names (directory entries) of files: each some 100 bytes and its text.
 * A build or a mail spool touches some 100,000 files; what was not used for longest is forgotten.
 */
export const MAX_KNOWN_HANDLES = 131_072;
export const MAX_KNOWN_LINKS = 131_072;
/** Calls that may be open while their replies still teach names; what one of NFSv4 leaves for its reply takes a kilobyte. */
export const MAX_TEACHING_CALLS = 16_384;
/** The longest name of a file that is remembered: 255 characters, the bound of most file systems, take up to 1020 bytes of UTF-8. */
export const MAX_NAME_KEPT = 1024;
/** Names of a path that are shown, the last ones: Linux's PATH_MAX, 4096, in names of 16 characters. Handles may claim to be their own parents. */
export const MAX_PATH_NAMES = 256;

/** Programs that are remembered as announced somewhere: a busy rpcbind has a few hundred; each takes some 200 bytes. */
export const MAX_ANNOUNCED_PROGRAMS = 16_384;
/** Frames kept of those that announced a program: rpcbind says the same for every mount. */
export const MAX_ANNOUNCED_FRAMES = 16;
/** Rows of `rpcdump services` for programs seen in use: a scan of all ports for all programs would make millions. */
export const MAX_SERVICES = 16_384;

/** RPCSEC_GSS contexts known at a time: a client makes one for each of its users and each server. */
export const MAX_GSS_CONTEXTS = 4096;
/** Sequence numbers of one context that are watched; with the one above 16 MiB. Solaris offers 128 to 200, Linux 128. */
export const MAX_GSS_WINDOW = 512;

/** Clients' programs for NFSv4 callbacks, some 100 bytes each: one a client and mount; against captures that announce for ever. */
export const MAX_CALLBACK_PROGRAMS = 16_384;

/** Slots of NFSv4.1 sessions whose last request is known, some 200 bytes each: a session has up to a few hundred, and mostly uses two. */
export const MAX_SESSION_SLOTS = 16_384;

/** Asynchronous calls of lock managers, and blocked locks, that are waited for: some 200 bytes each. */
export const MAX_LOCK_LINKS = 16_384;

/** Characters of a display filter: generous for one that a program wrote, small enough to parse in a moment. */
export const MAX_FILTER_LENGTH = 64 * KiB;

/** Parentheses and `not`s within each other in a filter: parser and compiler recurse, a hand-written one has fewer than ten. */
export const MAX_FILTER_DEPTH = 100;

/**
 * States of a regular expression's automaton. Matching costs states times characters; `{1000}` counts its element as often.
 */
export const MAX_PATTERN_STATES = 10_000;

/** Frames remembered by number of a message that came in many: 8 MiB in segments of 128 bytes. The last one is always known. */
export const MAX_CARRIERS = 65_536;

/** Comments in a capture that is written: some 100 bytes each. More messages are written without. */
export const MAX_FRAME_COMMENTS = 200_000;

/** Frames of one call's resends that `-w` remembers: an NFS client over UDP sends again some ten times before it gives up a round. */
export const MAX_RESENT_FRAMES = 256;

/** Frames of standard input kept until it is known whether they are to be written: five seconds of 100 Mbit/s. */
export const MAX_STORED_FRAME_BYTES = 64 * MiB;
/** What a stored frame takes beside its bytes: objects and an entry of a table. Small frames would not be bounded without. */
export const STORED_FRAME_OVERHEAD = 1 * KiB;

/**
 * The same where frames are made anew, each with where its bytes lie in its stream: the program's 150 MB hold what making them takes, too.
 * A message of 1 MiB is whole after some 700 frames; these are 5,000 full ones, for those of other connections between them.
 */
export const MAX_ANONYMIZED_FRAME_BYTES = 18 * MiB;
export const ANONYMIZED_FRAME_OVERHEAD = 2 * KiB;

/** Files that --export-objects tells apart: some 500 bytes each, and as many files in a folder; data of others are left out, and counted. */
export const MAX_OBJECTS = 65_536;
/** Files of --export-objects that are open at a time: a quarter of the usual limit of 1024 (RLIMIT_NOFILE). */
export const MAX_OPEN_OBJECTS = 256;
/** Pieces of one file that do not touch, and of all of them: 16 bytes each. A file read at random gaps has thousands. */
export const MAX_OBJECT_PIECES = 65_536;
export const MAX_OBJECT_PIECES_TOTAL = 1 << 20;
/** The largest offset that is believed: the largest file of ext4 (16 TiB). Files are sparse, so that a lie costs no space. */
export const MAX_OBJECT_SIZE = 16 * 1024 * 1024 * MiB;
/** Bytes that are written in all: more than a capture on an ordinary disk holds, so that a bomb does not fill it. */
export const MAX_OBJECT_BYTES = 64 * 1024 * MiB;
/**
 * Blocks, and bytes, that --export-objects makes of the patterns of WRITE_SAME beyond those that were sent: some seconds of writing in all, and no
 * more than a capture of middle size, since a call of 100 bytes may ask for any number.
 */
export const MAX_SAME_BLOCKS = 65_536;
export const MAX_SAME_BYTES = 1024 * MiB;
/** The longest name of a file: 255 bytes on Linux, less what tells equal ones apart. */
export const MAX_OBJECT_NAME = 240;
/** The longest path below the folder of --export-objects: Linux takes 4096 bytes in all (PATH_MAX). Of longer ones the last parts count. */
export const MAX_OBJECT_PATH = 3072;
/** Places of one file that are listed as read or written with other bytes than before. */
export const MAX_OBJECT_CONFLICTS = 64;

/** Addresses, and permutations of octets, that --anonymize remembers: some 500 bytes each; what was forgotten is computed again. */
export const MAX_ANONYMIZED_ADDRESSES = 16_384;
/** The same of names, handles and other short values. */
export const MAX_ANONYMIZED_TEXTS = 65_536;

/** Bytes of a file of rules, and rules in all: a hand-written one has a few dozen of a line each; more is another file, named by mistake. */
export const MAX_RULE_FILE = 1 * MiB;
export const MAX_RULES = 1000;
/** Frames that a failed rule points at when it does not say how many: a screen has room for those of a few rules. */
export const POINTED_FRAMES = 10;
/** The most that it can be asked to point at: some 200 bytes each, for each of the rules. */
export const MAX_POINTED_FRAMES = 1000;
/** Other programs, clients … that a rule of what may occur tells by name; a scan of all addresses would bring millions. */
export const MAX_FOUND_VALUES = 16;
/** Clients, servers or connections whose order a rule follows: some 100 bytes each. */
export const MAX_ORDERS = 65_536;

/**
 * What `diff` holds of either recording to find counterparts in: exchanges at some 500 bytes each, and their fields at some 15, so that
 * both windows stay within 12 MB. Of order: a client's calls in flight are hundreds at most, but a script may run its steps in parallel.
 */
export const DIFF_WINDOW = 4096;
export const DIFF_WINDOW_FIELDS = 262_144;
/** Bytes of waiting exchanges in blocks outside of the heap: those of both windows, and of findings that wait. More have buffers of their own. */
export const MAX_DIFF_BYTES = 24 * MiB;
/** Exchanges of one client, server and program that wait for a counterpart that comes later: each is compared with what comes. */
export const MAX_DIFF_UNMATCHED = 512;
/** Findings that wait for one before them of which it is not known yet whether it is missing or has moved. */
export const MAX_DIFF_FINDINGS = 2048;
/**
 * Pairs that are remembered to tell whether order changed, some 200 bytes each: two windows, because clients that are compared each on
 * their own share them.
 */
export const MAX_DIFF_RECENT = 8192;
/** Pairs of one lane among which one is looked for, a quarter of a window; when there are twice as many, the older half is forgotten. */
export const MAX_DIFF_LANE_PAIRS = 1024;
/** Exchanges that are over and wait for the reply of an earlier call: several times the calls in flight of a busy client. */
export const MAX_DIFF_HELD = 1024;
/** Exchanges known at a time of either recording: both share what one pass over a capture may know. */
export const MAX_DIFF_EXCHANGES = MAX_EXCHANGES / 2;
/** Bytes kept of unfinished records of either recording: both share what one pass over a capture may keep. */
export const MAX_DIFF_RECORDS_TOTAL = MAX_RECORDS_TOTAL / 2;
/** Flows of either recording of which all is known as objects, so that both have 4 MiB: more clients than a test has at a time. */
export const MAX_DIFF_AWAKE_FLOWS = MAX_AWAKE_FLOWS / 4;
/**
 * Names (handles, verifiers, stateids …) of either recording that are known for names of the other's, some 250 bytes each: 16 MiB a
 * recording. A script that touches more files at a time is no test that anybody reads.
 */
export const MAX_DIFF_NAMES = 65_536;
/** Bytes of a file's contents that are kept for comparing; more are compared by length and fingerprint. A page. */
export const MAX_DIFF_CONTENTS = 4 * KiB;
/** Hosts of which it is kept which one of the other recording they are; and pairs of hosts with a program. */
export const MAX_DIFF_HOSTS = 65_536;
export const MAX_DIFF_LANES = 4096;
/** Keys of exchanges that were given up, to tell whether the other recording has them beyond the window. */
export const MAX_DIFF_UNMATCHED_KEYS = 16_384;
/** Characters of a value that text shows; JSON has it whole. A line of a wide terminal. */
export const MAX_DIFF_SHOWN = 120;
/** Paths of which it is counted in how many exchanges they changed: more than the fields of any program's results. */
export const MAX_DIFF_PATHS = 4096;

/**
 * Between threads (`--jobs`) messages go in blocks: some 500 messages of metadata each, a millisecond's work, so that handing one over costs
 * nothing and none waits long for the last.
 */
export const UNIT_BLOCK = 64 * KiB;
/**
 * Blocks that are filled, rendered and waited for at a time: enough that whoever is ahead finds work, also while the other thread's code is not
 * compiled yet. With their texts 10 MiB. With 8 both threads of a list of 400 MB slept for twice as long.
 */
export const UNIT_BLOCKS = 32;
/** Of these, as many are free before another frame is read: one frame may end a gap, and have all that waited behind it. */
export const SPARE_UNIT_BLOCKS = 8;
/**
 * Blocks that wait for the thread that writes before the one that reads renders, for each thread besides: with one the thread that writes runs dry at
 * times (the list takes a tenth longer), with 4 to 12 it does not.
 */
export const MAX_WAITING_UNIT_BLOCKS = 8;
/** Text made of a block ahead of its turn: JSON is some four times the messages. What finds no room is made again in its turn. */
export const UNIT_BLOCK_TEXT = 256 * KiB;
/** Messages that are rendered ahead: longer ones are few, and would take the room of many. */
export const MAX_RENDERED_AHEAD = 4 * KiB;
/** Programs whose procedures are remembered as such that cannot be rendered ahead: 4 KiB each; a capture has a few. */
export const MAX_KNOWN_KINDS = 64;
