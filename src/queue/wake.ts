import type { Clock } from "../clock.ts";

/** Longest time that a Node timer takes; a longer one would fire at once. */
const longestTimerMs = 0x7fffffff;

/** Sleeps for any time, `Infinity` included. Answers whether it slept to the end: false when the signal was aborted. */
export async function sleepFor(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    for (let left = ms; left > 0 && !signal.aborted; left -= longestTimerMs) {
      await clock.sleep(Math.min(left, longestTimerMs), signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return !signal.aborted;
}

/** Settles as the answer does, or rejects with the signal's reason if that comes first; the answer is then waited for no longer. */
export function unlessAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    void answer.then(resolve, reject).then(() => signal.removeEventListener("abort", giveUp));
  });
}

/** Made once: without a reason `abort` makes an error each time, with its stack. */
const woken = new Error("There is a reason to go on.");

/** Lets one loop wait for the next reason to go on. A reason that comes before the wait ends it at once. */
export class Wake {
  #isSet = false;
  #waiting = new AbortController();

  set(): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#waiting.abort(woken);
  }

  /** Waits for `set`, but no longer than `ms`. */
  async wait(clock: Clock, ms: number): Promise<void> {
    if (!this.#isSet) {
      this.#waiting = new AbortController();
      await sleepFor(clock, ms, this.#waiting.signal);
    }
    this.#isSet = false;
  }
}
