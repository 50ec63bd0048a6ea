/**
 * RPCSEC_GSS contexts (RFC 2203 §5.2, §5.3.3.1): which reply made them and with what
 * mechanism, and the sequence numbers of their calls. A server drops a call without a word
 * when its number was used before or lies below the window. Such calls get a note, because
 * it explains a missing answer. Numbers may come in any order, and none has to come at all.
 */
import { MAX_GSS_CONTEXTS, MAX_GSS_WINDOW } from '../limits/dissect.js';
import type { Endpoint } from '../network/flow.js';
import { GSS_MAXSEQ } from '../rpc/auth/rpcsec-gss.js';
import { Recent } from '../rpc/recent.js';
import { type FramePlace, NONE_RELATED, type Related } from './related.js';

/** Numbers watched of a context whose making was not captured: what Linux, FreeBSD and Solaris offer at least. */
const USUAL_WINDOW = 128;

export class GssContext {
  /** The reply that made it, for the messages of the context. */
  readonly related: readonly Related[];
  private highest = 0;
  private readonly numbers: Uint32Array;
  private readonly frames: Uint32Array;
  private readonly files: Uint32Array;

  /**
   * @param key Its server and handle as one text (`keyOf`).
   * @param made Where the reply is that made it; null when it was not captured.
   * @param window Sequence numbers that the server keeps; 0 when not known.
   */
  constructor(
    readonly key: string,
    readonly made: FramePlace | null,
    readonly mechanism: string | null,
    private readonly window: number,
  ) {
    this.related =
      made === null ? NONE_RELATED : [{ kind: 'gss_context', ...made, ...(mechanism !== null && { mechanism }) }];
    const kept = Math.min(Math.max(window, USUAL_WINDOW), MAX_GSS_WINDOW);
    this.numbers = new Uint32Array(kept);
    this.frames = new Uint32Array(kept);
    this.files = new Uint32Array(kept);
  }

  /** Takes the sequence number of a call; answers why a server drops or refuses it, null when it does not. */
  use(number: number, { frame, file }: FramePlace): string | null {
    if (number >= GSS_MAXSEQ) return `${number} is not below the greatest sequence number there is, ${GSS_MAXSEQ}`;
    const slot = number % this.numbers.length;
    const earlier = this.numbers[slot] === number ? this.frames[slot] : 0;
    const isElsewhere = this.files[slot] !== file;
    const isBelow = this.window > 0 && number + this.window <= this.highest;
    this.highest = Math.max(this.highest, number);
    if (number >= this.numbers[slot]) {
      this.numbers[slot] = number;
      this.frames[slot] = frame;
      this.files[slot] = file;
    }
    const where = isElsewhere ? ' of another file' : '';
    if (earlier > 0) return `${number} was used in frame ${earlier}${where} before: servers drop the call`;
    if (isBelow) return `${number} is below the window of ${this.window} before ${this.highest}: servers drop the call`;
    return null;
  }
}

/** Contexts by server and handle; the one not used for longest makes room, and is counted. */
export class GssContexts {
  evicted = 0;
  private readonly contexts: Recent<GssContext>;

  constructor(bound = MAX_GSS_CONTEXTS) {
    this.contexts = new Recent<GssContext>(bound, () => this.evicted++);
  }

  /** The context; one that was made before the capture began is entered when it is first seen. */
  find(server: Endpoint, handle: Uint8Array): GssContext {
    const key = keyOf(server, handle);
    return this.contexts.use(key) ?? this.enter(new GssContext(key, null, null, 0));
  }

  /**
   * Enters the context whose handle a reply names. Making one can
   * take several calls: the frame of the first answer counts.
   */
  make(
    server: Endpoint,
    handle: Uint8Array,
    { frame, file }: FramePlace,
    mechanism: string | null,
    window: number,
  ): GssContext {
    const key = keyOf(server, handle);
    const known = this.contexts.get(key);
    const made = known?.made ?? { frame, file };
    return this.enter(new GssContext(key, made, mechanism ?? known?.mechanism ?? null, window));
  }

  forget({ key }: GssContext): void {
    this.contexts.delete(key);
  }

  private enter(context: GssContext): GssContext {
    this.contexts.set(context.key, context);
    return context;
  }
}

function keyOf(server: Endpoint, handle: Uint8Array): string {
  return `${server.id}/${Buffer.from(handle.buffer, handle.byteOffset, handle.length).toString('latin1')}`;
}
