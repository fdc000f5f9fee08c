import { setTimeout as delay } from "node:timers/promises";

/** Time as a value, so that tests can hold it. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, or rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    for (let left = ms; left > 0; left -= longestTimerMs) {
      try {
        await delay(Math.min(left, longestTimerMs), undefined, signal ? { signal } : {});
      } catch {
        throw signal?.reason;
      }
    }
  },
};

/** A timer set for longer fires at once. */
const longestTimerMs = 2 ** 31 - 1;
