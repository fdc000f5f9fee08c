import type { Clock } from "../clock.ts";
import { diagnose } from "../receiver/diagnose.ts";
import type { Receiver, ReceiverRequest, VerifyContext } from "../receiver/index.ts";

/**
 * Explains failed signatures for the log, at most a few a second: a guess costs several hashes, and whoever forges
 * requests chooses how many there are.
 */
export class Rejections {
  readonly #clock: Clock;
  #second = 0;
  #explained = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A hint that a person can act on, or undefined. */
  explain(receiver: Receiver, request: ReceiverRequest, keys: readonly unknown[], context: VerifyContext): string | undefined {
    const second = Math.floor(this.#clock.now().getTime() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#explained = 0;
    }
    if (this.#explained >= perSecond) return undefined;
    this.#explained++;
    return diagnose(receiver.verify, request, keys, context);
  }
}

const perSecond = 5;
