/** A TCP connection as it is written: packets of records with the right sequence numbers. */
import { ACK, client, FIN, type Host, RST, SYN, server, type TestPacket, tcp } from './packets.js';
import { record, words } from './rpc-writer.js';

const NOTHING = words();

export class Conversation {
  readonly packets: TestPacket[] = [];
  private readonly next: [number, number];

  /** @param base Sequence numbers begin here. */
  constructor(
    base = 5000,
    private readonly ends: readonly [Host, Host] = [client, server],
  ) {
    this.next = [base, base + 1_000_000];
  }

  /** The three packets that open it. */
  open(seconds: number): this {
    this.put(0, NOTHING, SYN, seconds, 0);
    this.next[0]++;
    this.put(1, NOTHING, SYN | ACK, seconds);
    this.next[1]++;
    return this.put(0, NOTHING, ACK, seconds);
  }

  /** A message of the client's. */
  call(message: Uint8Array, seconds: number): this {
    return this.send(0, record(message), seconds);
  }

  /** A message of the server's. */
  reply(message: Uint8Array, seconds: number): this {
    return this.send(1, record(message), seconds);
  }

  /** Bytes as they are. */
  send(from: 0 | 1, data: Uint8Array, seconds: number): this {
    this.put(from, data, ACK, seconds);
    this.next[from] += data.length;
    return this;
  }

  /** The last bytes of one side, `data`, once more. */
  again(from: 0 | 1, data: Uint8Array, seconds: number): this {
    this.next[from] -= data.length;
    return this.send(from, data, seconds);
  }

  /** A message that the capture missed. */
  miss(from: 0 | 1, message: Uint8Array): this {
    this.next[from] += record(message).length;
    return this;
  }

  acknowledge(from: 0 | 1, seconds: number, window?: number): this {
    return this.put(from, NOTHING, ACK, seconds, undefined, window);
  }

  /** One side says that it sends no more. */
  finish(from: 0 | 1, seconds: number): this {
    this.put(from, NOTHING, FIN | ACK, seconds);
    this.next[from]++;
    return this;
  }

  close(seconds: number): this {
    return this.finish(1, seconds).finish(0, seconds).put(1, NOTHING, ACK, seconds);
  }

  /** Some say why. */
  reset(seconds: number, reason = '', from: 0 | 1 = 1): this {
    return this.put(from, Buffer.from(reason), RST, seconds);
  }

  private put(
    from: 0 | 1,
    data: Uint8Array,
    flags: number,
    seconds: number,
    acknowledgement = this.next[1 - from],
    window = 65_535,
  ): this {
    const [source, destination] = from === 0 ? this.ends : [this.ends[1], this.ends[0]];
    const packet = tcp(source, destination, data, {
      sequence: this.next[from],
      acknowledgement,
      flags,
      window,
    });
    const whole = Math.floor(seconds);
    this.packets.push({ data: packet, seconds: whole, nanoseconds: Math.round((seconds - whole) * 1e9) });
    return this;
  }
}
