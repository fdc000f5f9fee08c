import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "@jest/globals";
import type { Settlement } from "../../src/queue/queue.ts";
import { acknowledge, ids, newJob, type QueueSuite } from "./conformance-suite.ts";

/** A lease is exclusive while it lasts, and ends. */
export function describeLeases(suite: QueueSuite): void {
  const { can, isReal, leaseMs } = suite;

  it("hands out no job twice while its lease lasts", async () => {
    await suite.queue.send(newJob("a"));
    await suite.claimOne();
    expect(await suite.claimNow()).toEqual([]);
    if (isReal) return;
    await suite.clock.advance(leaseMs - 1);
    expect(await suite.claim()).toEqual([]);
  });

  it("hands a job out again when its lease has run out, with another lease and the next attempt, and counts the crash", async () => {
    await suite.queue.send(newJob("a"));
    const first = await suite.claimOne();
    await suite.pass(leaseMs);
    const second = await suite.claimOne();
    expect(second).toMatchObject({ attempt: 2, crashes: 1 });
    expect(second.lease).not.toBe(first.lease);
    await suite.pass(leaseMs);
    const third = await suite.claimOne();
    expect(third).toMatchObject({ attempt: 3, crashes: 2 });
    await suite.settle({ id: "a", lease: third.lease, outcome: "release" });
    const fourth = await suite.claimOne();
    expect(fourth).toMatchObject({ attempt: 3, crashes: 2 });
    await suite.settle({ id: "a", lease: fourth.lease, outcome: "retry", dueAt: suite.inMs(0), reason: "it threw" });
    expect(await suite.claimOne()).toMatchObject({ attempt: 4, crashes: 0 });
  });

  it("refuses the late acknowledgement of a worker whose lease has passed on", async () => {
    await suite.queue.send(newJob("a"));
    const late = await suite.claimOne();
    await suite.pass(leaseMs);
    const current = await suite.claimOne();
    expect((await suite.settle(acknowledge(late))).lost).toMatchObject([{ id: "a", lease: late.lease }]);
    expect(await suite.queue.renew([late, current], leaseMs)).toMatchObject([{ lease: late.lease }]);
    expect((await suite.settle(acknowledge(current))).lost).toEqual([]);
    expect(await suite.claimNow()).toEqual([]);
  });

  it("refuses the late retry and release of a worker whose lease has passed on, and hands the job out no more often", async () => {
    await suite.queue.send(newJob("a"));
    const { id, lease } = await suite.claimOne();
    await suite.pass(leaseMs);
    const current = await suite.claimOne();
    const late: Settlement[] = [
      { id, lease, outcome: "retry", dueAt: suite.inMs(0), reason: "late" },
      { id, lease, outcome: "release" },
      ...(can.deadLetters ? [{ id, lease, outcome: "dead", reason: "late" } as const] : []),
    ];
    for (const settlement of late) expect((await suite.settle(settlement)).lost).toMatchObject([{ id, lease }]);
    expect(await suite.claimNow()).toEqual([]);
    expect((await suite.settle(acknowledge(current))).lost).toEqual([]);
    expect(await suite.claimNow()).toEqual([]);
    if (can.deadLetters) expect(await suite.total("dead")).toBe(0);
  });

  it("refuses a second settlement under one lease", async () => {
    await suite.queue.send(newJob("a"));
    const job = await suite.claimOne();
    await suite.settle({ id: "a", lease: job.lease, outcome: "retry", dueAt: suite.inMs(0), reason: "x" });
    expect((await suite.settle(acknowledge(job))).lost).toHaveLength(1);
    expect(await suite.claimOne()).toMatchObject({ id: "a", attempt: 2 });
  });

  it("refuses a lease that is none", async () => {
    await suite.queue.send(newJob("a"));
    await suite.claimOne();
    const forged = ["", "1", "x.y", "0.0"].map((lease) => ({ id: "a", lease, outcome: "acknowledge" }) as const);
    expect((await suite.settle(...forged)).lost).toHaveLength(4);
    expect(await suite.queue.renew([{ id: "a", lease: "1.1" }], leaseMs)).toHaveLength(1);
  });

  it("extends a lease", async () => {
    await suite.queue.send(newJob("a"));
    const job = await suite.claimOne();
    for (let time = 0; time < 3; time++) {
      await (isReal ? delay(leaseMs / 2) : suite.clock.advance(leaseMs / 2));
      expect(await suite.queue.renew([job], leaseMs)).toEqual([]);
      expect(await suite.claim()).toEqual([]);
    }
    await suite.pass(leaseMs);
    expect(ids(await suite.claimAll(1))).toEqual(["a"]);
  });
}
