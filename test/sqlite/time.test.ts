import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Clock, systemClock } from "../../src/clock.ts";
import { databaseTime, openDatabase } from "../../src/sqlite/index.ts";
import { controllableClock } from "../../src/testing/clock.ts";
import { runScript } from "./run-script.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const dayMs = 86_400_000;

describe("databaseTime", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let file: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    file = join(directory.path, "time.db");
  });
  afterEach(() => directory.remove());

  /** What a process that starts on this clock takes for now, and what it makes of a date. */
  const look = async (clock: Clock, date = clock.now()) => {
    const timed = databaseTime(openDatabase({ file }), clock);
    const seen = await timed.use(async (time) => ({ now: time.now(), inFile: time.toFile(date), back: time.toDate(time.toFile(date)) }));
    await timed.close();
    return seen;
  };

  it("begins at the time on the wall, and goes by the steady count from then on, whoever asks", async () => {
    const clock = controllableClock();
    const start = clock.now().getTime();
    expect((await look(clock)).now).toBe(start);
    clock.jump(dayMs);
    expect((await look(clock)).now).toBe(start);
    await clock.advance(5_000);
    clock.jump(-3 * dayMs);
    expect((await look(clock)).now).toBe(start + 5_000);
  });

  it("converts dates by what lies between them and now", async () => {
    const clock = controllableClock();
    const { now } = await look(clock);
    clock.jump(dayMs);
    const inAnHour = new Date(clock.now().getTime() + 3_600_000);
    expect(await look(clock, inAnHour)).toEqual({ now, inFile: now + 3_600_000, back: inAnHour });
  });

  it("begins anew with another origin, as after a restart of the machine, and forgets the old one", async () => {
    const before = controllableClock();
    await look(before);
    before.jump(60 * dayMs);
    const after = controllableClock(new Date("2026-02-01T00:00:00Z"));
    expect((await look(after)).now).toBe(after.now().getTime());
    expect((await look(before)).now).toBe(before.now().getTime());
  });

  it("never goes back, though the clock is behind when the machine starts, or was ahead when it last did", async () => {
    const ahead = controllableClock(new Date("2036-01-01T00:00:00Z"));
    const timed = databaseTime(openDatabase({ file }), ahead);
    await timed.use(async () => {});
    ahead.jump(-3_650 * dayMs);
    await ahead.advance(dayMs);
    const last = await timed.use(async (time) => time.now());
    await timed.close();
    const restarted = controllableClock(new Date("1970-01-01T00:00:00Z"));
    const inAnHour = new Date(restarted.now().getTime() + 3_600_000);
    expect(await look(restarted, inAnHour)).toEqual({ now: last, inFile: last + 3_600_000, back: inAnHour });
    await restarted.advance(5_000);
    expect((await look(restarted)).now).toBe(last + 5_000);
  });

  it("is the time on the wall where nothing counts steadily", async () => {
    const { now, sleep, jump } = controllableClock();
    const wallOnly: Clock = { now, sleep };
    await look(wallOnly);
    jump(dayMs);
    expect((await look(wallOnly)).now).toBe(now().getTime());
  });

  it("rejects with what its work rejects with, and goes on until it is closed", async () => {
    const timed = databaseTime(openDatabase({ file }), controllableClock());
    await expect(timed.use(() => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect(await timed.use(async () => "done")).toBe("done");
    await timed.close();
    await expect(timed.use(async () => "done")).rejects.toMatchObject({ code: "closed" });
  });

  it("is the same in all processes, though the clock was set before one of them started", async () => {
    const timed = databaseTime(openDatabase({ file }), systemClock);
    const before = await timed.use(async (time) => time.now());
    const seen = await Promise.all([dayMs, -dayMs].map(async (jumpMs) => Number((await runScript("now", file, String(jumpMs))).stdout)));
    const after = await timed.use(async (time) => time.now());
    await timed.close();
    for (const now of systemClock.steady ? seen : []) {
      expect(now).toBeGreaterThanOrEqual(before);
      expect(now).toBeLessThanOrEqual(after);
    }
  });
});
