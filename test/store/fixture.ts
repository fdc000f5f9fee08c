import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach } from "@jest/globals";
import type { Queue } from "../../src/queue/queue.ts";
import type { Store } from "../../src/store/store.ts";
import { type ControllableClock, controllableClock } from "../../src/testing/clock.ts";

/** What the suite needs to know of a driver. */
export interface StoreUnderTest {
  /** A fresh, empty store; on the given clock, where the engine has none of its own. */
  open(clock: ControllableClock): Promise<Store>;
  /** Another store on the same database as the one opened last. Not given where nothing is shared. */
  openAnother?(clock: ControllableClock): Promise<Store>;
  /** A queue in the same database as the store opened last. Not given where there is none. */
  openQueue?(clock: ControllableClock): Promise<Queue>;
  /** Removes what `open` left; called after everything has been closed. */
  cleanUp?(): Promise<void>;
  /** Given for an engine that has a clock of its own: a time that is short, yet long for a few calls. The suite then really waits. */
  readonly realLeaseMs?: number;
}

/** A store for each test, and what the tests share. */
export interface Fixture {
  readonly clock: ControllableClock;
  readonly store: Store;
  /** A time after which something is to have run out; tests in which nothing runs out use `longMs`. */
  readonly leaseMs: number;
  readonly longMs: number;
  /** Lets time pass; a little more than asked for on a real clock. */
  pass(ms: number): Promise<void>;
  /** Another store or a queue on the same database, closed after the test. */
  another(): Promise<Store>;
  queue(): Promise<Queue>;
}

/** Opens a store before each test and closes it afterwards. */
export function useStore({ open, openAnother, openQueue, cleanUp, realLeaseMs }: StoreUnderTest): Fixture {
  let clock: ControllableClock;
  let store: Store;
  let opened: { close(): Promise<void> }[] = [];
  beforeEach(async () => {
    clock = controllableClock();
    store = await open(clock);
    opened = [store];
  });
  afterEach(async () => {
    for (const each of opened) await each.close();
    await cleanUp?.();
  });
  const keep = <Resource extends { close(): Promise<void> }>(resource: Resource): Resource => {
    opened.push(resource);
    return resource;
  };
  return {
    get clock() {
      return clock;
    },
    get store() {
      return store;
    },
    leaseMs: realLeaseMs ?? 30_000,
    longMs: 3_600_000,
    pass: async (ms) => (realLeaseMs === undefined ? clock.advance(ms) : delay(ms + realLeaseMs / 8)),
    another: async () => keep(await openAnother!(clock)),
    queue: async () => keep(await openQueue!(clock)),
  };
}

export { acceptance, deliveryKey } from "./values.ts";
