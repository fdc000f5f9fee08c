import { describe, expect, it } from "@jest/globals";
import { controllableClock } from "../../src/testing/clock.ts";

describe("controllableClock", () => {
  it("stands still until it is moved", async () => {
    const clock = controllableClock(new Date(1_000));
    expect(clock.now()).toEqual(new Date(1_000));
    await clock.advance(500);
    expect(clock.now()).toEqual(new Date(1_500));
  });

  it("wakes sleepers in the order of their times, each at its time", async () => {
    const clock = controllableClock(new Date(0));
    const woken: string[] = [];
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(`${name} at ${clock.now().getTime()}`);
    };
    const all = [sleep("c", 30), sleep("a", 10), sleep("b", 20), sleep("later", 100)];
    await clock.advance(50);
    expect(woken).toEqual(["a at 10", "b at 20", "c at 30"]);
    expect(clock.sleepers).toBe(1);
    await clock.advance(50);
    await Promise.all(all);
  });

  it("wakes a loop that sleeps again", async () => {
    const clock = controllableClock();
    let rounds = 0;
    const loop = (async () => {
      for (; rounds < 5; rounds++) await clock.sleep(10);
    })();
    await clock.advance(50);
    await loop;
    expect(rounds).toBe(5);
  });

  it("rejects a sleep with the reason of its signal", async () => {
    const clock = controllableClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(10, controller.signal);
    controller.abort(new RangeError("enough"));
    await expect(sleeping).rejects.toBeInstanceOf(RangeError);
    await expect(clock.sleep(10, controller.signal)).rejects.toBeInstanceOf(RangeError);
    expect(clock.sleepers).toBe(0);
  });

  it("counts steadily while the time of day is set, and wakes nobody by that", async () => {
    const clock = controllableClock(new Date(0));
    const before = clock.steady.elapsedMs();
    let isAwake = false;
    const sleeping = clock.sleep(10).then(() => {
      isAwake = true;
    });
    clock.jump(86_400_000);
    await clock.advance(9);
    expect([clock.now().getTime(), clock.steady.elapsedMs() - before, isAwake]).toEqual([86_400_009, 9, false]);
    clock.jump(-86_400_000);
    await clock.advance(1);
    await sleeping;
    expect([clock.now().getTime(), clock.steady.elapsedMs() - before]).toEqual([10, 10]);
  });

  it("has an origin of its own", () => {
    expect(controllableClock().steady.origin).not.toBe(controllableClock().steady.origin);
  });
});
