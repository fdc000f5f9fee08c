import { randomUUID } from "node:crypto";
import type { Clock, SteadyTime } from "../clock.ts";

/** A clock that a test moves. */
export interface ControllableClock extends Clock {
  /** Counts what `advance` adds, from some number; its origin is this clock's own. */
  readonly steady: SteadyTime;
  /**
   * Moves time forward and wakes sleepers in the order of their times. After each it lets the event loop turn a few times, so
   * that what was woken runs, at its time, up to its next sleep. Resolves when all that was due has been woken.
   */
  advance(ms: number): Promise<void>;
  /** Sets the time that `now` tells forward or back, as an operator may. Nobody wakes; sleepers and the steady count do not notice. */
  jump(ms: number): void;
  /** How many are asleep. */
  readonly sleepers: number;
}

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** Not zero, so that a test notices who takes the steady count for the time of day. */
const firstElapsedMs = 1_000_000;

/** A clock for tests: it stands still until `advance` is called. It starts at `start`, by default the first of January 2026. */
export function controllableClock(start: Date = new Date("2026-01-01T00:00:00Z")): ControllableClock {
  let elapsedMs = firstElapsedMs;
  let offsetMs = start.getTime() - elapsedMs;
  const origin = randomUUID();
  const sleepers = new Set<Sleeper>();

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper: Sleeper = { wakeAt: elapsedMs + ms, wake };
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
    const end = elapsedMs + ms;
    for (let next = earliest(end); next; next = earliest(end)) {
      elapsedMs = Math.max(elapsedMs, next.wakeAt);
      next.wake();
      await eventLoopTurns();
    }
    elapsedMs = end;
    await eventLoopTurns();
  }

  function earliest(end: number): Sleeper | undefined {
    const due = [...sleepers].filter(({ wakeAt }) => wakeAt <= end);
    return due.sort((a, b) => a.wakeAt - b.wakeAt)[0];
  }

  return {
    now: () => new Date(elapsedMs + offsetMs),
    steady: { origin, elapsedMs: () => elapsedMs },
    sleep,
    advance,
    jump: (ms) => {
      offsetMs += ms;
    },
    get sleepers() {
      return sleepers.size;
    },
  };
}

async function eventLoopTurns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
