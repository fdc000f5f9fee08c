import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Time as a value, so that tests can hold it. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, or rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A count of time that nobody can set. Without it, leases and time limits go by `now()`, and a jump of the clock ends them. */
  readonly steady?: SteadyTime;
}

/** Milliseconds since some moment, whatever is done to the clock on the wall. */
export interface SteadyTime {
  /** Names that moment: counts of one origin can be compared, also between processes. */
  readonly origin: string;
  elapsedMs(): number;
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
  ...steadyOfMachine(),
};

/** Milliseconds for measuring how long something takes: steady where the clock is. */
export function elapsedMs(clock: Clock): number {
  return clock.steady?.elapsedMs() ?? clock.now().getTime();
}

/** A timer set for longer fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Linux counts from its start, which has an id, so all processes of the machine share the count. Elsewhere it is left out. */
function steadyOfMachine(): { readonly steady?: SteadyTime } {
  try {
    const origin = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { steady: { origin, elapsedMs: () => Number(process.hrtime.bigint() / 1_000_000n) } };
  } catch {
    return {};
  }
}
