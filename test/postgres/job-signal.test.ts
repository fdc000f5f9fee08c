import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { JobSignal } from "../../src/postgres/job-signal.ts";
import { type Gate, gate } from "../support/until.ts";

describe("the signal that jobs have come", () => {
  let told: Gate[];
  let signal: JobSignal;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate"] });
    told = [];
    signal = new JobSignal(() => {
      const next = gate();
      told.push(next);
      return next.opened;
    });
  });
  afterEach(() => void jest.useRealTimers());

  /** One after the other, each answered at once. */
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it("is given here at once and as often as it is asked for, until that is stopped", async () => {
    let calls = 0;
    const stop = signal.watch(() => calls++);
    signal.announce();
    signal.announce();
    expect(calls).toBe(2);
    stop();
    signal.announce();
    expect(calls).toBe(2);
    told[0]?.open();
  });

  it("is given to others once a pause, and once more for what came in it", async () => {
    signal.announce();
    signal.announce();
    expect(told).toHaveLength(1);
    told[0]?.open();
    await turn();
    expect(told).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(20);
    expect(told).toHaveLength(2);
    told[1]?.open();
    await jest.advanceTimersByTimeAsync(100);
    expect(told).toHaveLength(2);
    signal.announce();
    expect(told).toHaveLength(3);
  });

  it("is not given again to a server that has not answered yet", async () => {
    for (let turns = 0; turns < 50; turns++) {
      signal.announce();
      await jest.advanceTimersByTimeAsync(30);
    }
    expect(told).toHaveLength(1);
    told[0]?.open();
    await jest.advanceTimersByTimeAsync(20);
    expect(told).toHaveLength(2);
  });

  it("tells at the close what is still to be told, without a pause, and is closed when that is done", async () => {
    signal.announce();
    told[0]?.open();
    await turn();
    signal.announce();
    let isClosed = false;
    const closing = signal.close().then(() => {
      isClosed = true;
    });
    await turn();
    expect([told.length, isClosed]).toEqual([2, false]);
    told[1]?.open();
    await closing;
    expect(jest.getTimerCount()).toBe(0);
  });
});
