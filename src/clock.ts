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
    await delay(Math.min(ms, 0x7fffffff), undefined, signal ? { signal } : {});
  },
};
