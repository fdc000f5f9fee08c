import type { Clock } from "../clock.ts";
import { ApplicationError } from "../errors.ts";
import type { HandshakeAnswer, Receiver, ReceiverRequest } from "../receiver/index.ts";
import { prepareKeys } from "../receiver/secrets.ts";

/** A time during which a receiver takes a secret that its provider hands over. */
export interface SetupOptions {
  /** The URL's id. Default: the URL without one. */
  readonly id?: string;
  /** How long the window stays open, in milliseconds. Default ten minutes, at most a day. */
  readonly forMs?: number;
  /** Keeps the secret. The provider is answered only once it has resolved; if it rejects, the secret is not taken. */
  readonly save: (secret: string) => void | Promise<void>;
}

interface Window {
  readonly endsAt: number;
  readonly save: SetupOptions["save"];
}

/**
 * Set-up windows: some providers choose the secret and hand it over in an unsigned request, which anybody could send. So it
 * is taken only while an operator says that the set-up is going on, once, and for one receiver and id.
 */
export class SetupWindows {
  readonly #clock: Clock;
  readonly #open = new Map<string, Window>();
  readonly #taken = new Map<string, readonly unknown[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(receiver: Receiver, id: string, { forMs = 600_000, save }: SetupOptions): void {
    this.#open.set(keyOf(receiver, id), { endsAt: this.#clock.now().getTime() + Math.min(forMs, 86_400_000), save });
  }

  /** Keys that were handed over to this process, for as long as it runs; empty if none was. */
  keysOf(receiver: Receiver, id: string): readonly unknown[] {
    return this.#taken.size === 0 ? none : (this.#taken.get(keyOf(receiver, id)) ?? none);
  }

  /** Whether a window is open now. */
  isOpen(receiver: Receiver, id: string): boolean {
    if (this.#open.size === 0) return false;
    const window = this.#open.get(keyOf(receiver, id));
    return window !== undefined && this.#clock.now().getTime() < window.endsAt;
  }

  /**
   * Takes the secret that a request hands over, if a window is open; undefined if the request hands over none.
   *
   * @throws ApplicationError `secrets_unavailable` if it cannot be saved.
   */
  async take(receiver: Receiver, id: string, request: ReceiverRequest): Promise<HandshakeAnswer | undefined> {
    if (!this.isOpen(receiver, id)) return undefined;
    const key = keyOf(receiver, id);
    for (const handshake of receiver.handshakes) {
      if (handshake.proof !== "setup" || handshake.method !== request.method) continue;
      const offer = handshake.offer(request);
      const prepared = offer && prepareKeys(receiver, offer.secret);
      const window = this.#open.get(key);
      if (!offer || !prepared || !("keys" in prepared) || !window) continue;
      // Closed before anything is awaited, so that of two requests only one hands over its secret.
      this.#open.delete(key);
      try {
        await window.save(offer.secret);
      } catch (cause) {
        this.#open.set(key, window);
        throw new ApplicationError("secrets_unavailable", "The secret that was handed over could not be saved.", { cause });
      }
      this.#taken.set(key, prepared.keys);
      return offer.answer;
    }
    return undefined;
  }
}

const none: readonly unknown[] = [];

function keyOf(receiver: Receiver, id: string): string {
  return `${receiver.name}/${id}`;
}
