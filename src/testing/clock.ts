import type { Clock } from "../clock.ts";

/** A clock that a test moves. */
export interface ControllableClock extends Clock {
  /**
   * Moves time forward and wakes sleepers in the order of their times. After each it lets the event loop turn a few times, so
   * that what was woken runs, at its time, up to its next sleep. Resolves when all that was due has been woken.
   */
  advance(ms: number): Promise<void>;
  /** How many are asleep. */
  readonly sleepers: number;
}

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** A clock for tests: it stands still until `advance` is called. It starts at `start`, by default the first of January 2026. */
export function controllableClock(start: Date = new Date("2026-01-01T00:00:00Z")): ControllableClock {
  let now = start.getTime();
  const sleepers = new Set<Sleeper>();

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper: Sleeper = { wakeAt: now + ms, wake };
      const abort = () => {
        sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      function wake() {
        sleepers.delete(sleeper);
        signal?.removeEventListener("abort", abort);
        resolve();
      }
      sleepers.add(sleeper);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  async function advance(ms: number): Promise<void> {
    const end = now + ms;
    for (let next = earliest(end); next; next = earliest(end)) {
      now = Math.max(now, next.wakeAt);
      next.wake();
      await eventLoopTurns();
    }
    now = end;
    await eventLoopTurns();
  }

  function earliest(end: number): Sleeper | undefined {
    const due = [...sleepers].filter(({ wakeAt }) => wakeAt <= end);
    return due.sort((a, b) => a.wakeAt - b.wakeAt)[0];
  }

  return {
    now: () => new Date(now),
    sleep,
    advance,
    get sleepers() {
      return sleepers.size;
    },
  };
}

async function eventLoopTurns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
