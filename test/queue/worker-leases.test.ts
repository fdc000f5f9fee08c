import { describe, expect, it } from "@jest/globals";
import { gate, until } from "../support/until.ts";
import { turns, WorkerHarness } from "./worker-harness.ts";

describe("createWorker", () => {
  const harness = new WorkerHarness();
  const away = () => Promise.reject(new Error("away"));
  const claimDue = async () => (await harness.queue.claim({ limit: 100, leaseMs: 600_000 })).jobs.map(({ id }) => id);

  it("keeps its lease for as long as a job runs", async () => {
    await harness.send("a");
    harness.startHolding({ leaseMs: 3_000, timeoutMs: 1_000_000 });
    await until(() => harness.running.size === 1);
    await harness.clock.advance(30_000);
    expect(await claimDue()).toEqual([]);
    harness.end("a");
    await until(async () => (await harness.open()) === 0);
  });

  it("keeps its lease until the queue has been told what a job came to, however long a claim takes", async () => {
    await harness.send("a");
    const poll = gate();
    let claims = 0;
    const claim: typeof harness.queue.claim = async (options) => {
      if (++claims === 2) await poll.opened; // a claim that waits for jobs to come
      return harness.queue.claim(options);
    };
    harness.startHolding({ engine: { claim }, leaseMs: 3_000 });
    await until(() => harness.running.has("a"));
    await harness.clock.advance(1_000);
    expect(claims).toBe(2);
    harness.end("a");
    await turns(10);
    await harness.clock.advance(9_000);
    expect(await claimDue()).toEqual([]);
    poll.open();
    await until(async () => (await harness.open()) === 0);
  });

  it("aborts a job whose lease it has lost, and does not settle it", async () => {
    await harness.send("a");
    harness.startHolding({ engine: { renew: async (leases) => leases }, leaseMs: 3_000, concurrency: 1 });
    await until(() => harness.running.size === 1);
    await harness.clock.advance(1_000);
    expect(harness.running.get("a")?.signal.reason).toMatchObject({ code: "lease_lost" });
    harness.end("a");
    await until(() => harness.running.size === 0);
    await turns(10);
    expect(await harness.open()).toBe(1);
  });

  it("does not begin a job whose lease has run out while it waited for its turn", async () => {
    let isAway = false;
    const claim: typeof harness.queue.claim = (options) => (isAway ? away() : harness.queue.claim(options));
    const renew: typeof harness.queue.renew = (...leases) => (isAway ? away() : harness.queue.renew(...leases));
    const slow = gate();
    const begun: string[] = [];
    const process = async ({ id }: { readonly id: string }) => {
      begun.push(id);
      if (id === "slow") await slow.opened;
    };
    await harness.sendMany(20);
    const worker = harness.start(process, { engine: { claim, renew }, concurrency: 1, leaseMs: 60_000 });
    await until(async () => (await harness.open()) === 0);
    await Promise.all(["slow", "a", "b"].map((id) => harness.send(id))); // held together, since jobs have been fast
    await until(() => worker.status().buffered === 2);
    isAway = true;
    await harness.clock.advance(61_000);
    expect(await claimDue()).toEqual(["slow", "a", "b"]);
    slow.open();
    await turns(20);
    expect(begun.slice(20)).toEqual(["slow"]);
    expect(worker.status().buffered).toBe(0);
  });

  it("begins a job whose claim has waited for it longer than a lease lasts", async () => {
    const poll = gate();
    const claim: typeof harness.queue.claim = async (options) => {
      await poll.opened;
      return harness.queue.claim(options);
    };
    harness.startHolding({ engine: { claim }, leaseMs: 3_000 });
    await harness.send("a");
    await harness.clock.advance(20_000);
    poll.open();
    await until(() => harness.running.has("a"));
    expect(harness.running.get("a")?.job.attempt).toBe(1);
  });

  it("extends its leases soon after a failure, and not only when the next third of them has passed", async () => {
    let renewals = 0;
    const renew: typeof harness.queue.renew = (...leases) => (++renewals === 1 ? away() : harness.queue.renew(...leases));
    await harness.send("a");
    harness.startHolding({ engine: { renew }, leaseMs: 60_000 });
    await until(() => harness.running.size === 1);
    await harness.clock.advance(20_000);
    expect(renewals).toBe(1);
    await harness.clock.advance(10_000);
    expect(renewals).toBeGreaterThan(1);
    expect(harness.logger.lines.map(({ level }) => level)).toEqual(["error", "info"]);
  });
});
