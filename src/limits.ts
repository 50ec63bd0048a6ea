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

/** How deep types may nest while a body is decoded. DESIGN §3; deeper needs more stack than a hostile body deserves. */
export const MAX_DEPTH = 200;

/** The body of a credential or verifier, in bytes (RFC 5531 §8.2). */
export const MAX_AUTH_BODY = 400;
