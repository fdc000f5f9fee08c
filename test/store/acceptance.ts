import { expect, it } from "@jest/globals";
import type { AcceptanceResult, DeliveryKey, Store } from "../../src/store/store.ts";
import { describeJobs } from "./acceptance-jobs.ts";
import type { Fixture, StoreUnderTest } from "./fixture.ts";
import { acceptance, deliveryKey, ids, newJob } from "./values.ts";

/** Checks that a delivery and its jobs are committed together, once. */
export function describeAcceptance(fixture: Fixture, { openAnother, openQueue }: StoreUnderTest): void {
  const { leaseMs, longMs } = fixture;
  const claimed = async (ms = longMs, key: DeliveryKey = deliveryKey()) => {
    const claim = await fixture.store.claimDelivery(key, { leaseMs: ms });
    if (claim.state !== "claimed") throw new Error(`the delivery is ${claim.state}`);
    return claim.claim;
  };
  const accept = (members: Parameters<typeof acceptance>[0] = {}, store: Store = fixture.store) =>
    store.acceptDelivery(acceptance({ jobs: [newJob("a")], ...members }));
  const state = (key = deliveryKey()) => fixture.store.claimDelivery(key, { leaseMs: longMs });
  const counts = (results: readonly AcceptanceResult[]) => ({
    accepted: results.filter((each) => each.state === "accepted").length,
    others: results.filter((each) => each.state === "running" || (each.state === "done" && each.sameBody)).length,
  });

  it("records a delivery that is held under a claim, and stores its jobs", async () => {
    expect(await accept({ claim: await claimed(), jobs: [newJob("a"), newJob("b")] })).toEqual({ state: "accepted" });
    expect(await state()).toEqual({ state: "done", sameBody: true });
    expect(await fixture.store.outbox.count()).toBe(2);
  });

  it("records a delivery that nobody has claimed, and stores its jobs", async () => {
    expect(await accept()).toEqual({ state: "accepted" });
    expect(await state()).toEqual({ state: "done", sameBody: true });
    expect(await fixture.store.outbox.count()).toBe(1);
  });

  it("records a delivery without jobs", async () => {
    expect(await accept({ jobs: [] })).toEqual({ state: "accepted" });
    expect(await accept({ claim: await claimed(longMs, deliveryKey({ id: "b" })), key: deliveryKey({ id: "b" }), jobs: [] })).toEqual({
      state: "accepted",
    });
    expect((await state()).state).toBe("done");
  });

  it("stores jobs of a delivery that is not remembered", async () => {
    expect(await accept({ key: undefined })).toEqual({ state: "accepted" });
    expect(await accept({ key: undefined, jobs: [newJob("b")] })).toEqual({ state: "accepted" });
    expect(await fixture.store.outbox.count()).toBe(2);
  });

  it("answers that a delivery was handled before, whether with this body or not, and stores nothing", async () => {
    await accept();
    expect(await accept({ jobs: [newJob("b")] })).toEqual({ state: "done", sameBody: true });
    expect(await accept({ key: deliveryKey({ bodyChecksum: 1 }), jobs: [newJob("b")] })).toEqual({ state: "done", sameBody: false });
    expect(await fixture.store.outbox.count()).toBe(1);
  });

  it("answers that a delivery is being handled, and stores nothing", async () => {
    await claimed();
    expect(await accept()).toEqual({ state: "running" });
    expect(await fixture.store.outbox.count()).toBe(0);
  });

  it("takes over a claim that has run out", async () => {
    const old = await claimed(leaseMs);
    await fixture.pass(leaseMs);
    expect(await accept()).toEqual({ state: "accepted" });
    expect(await accept({ claim: old, jobs: [newJob("b")] })).toEqual({ state: "done", sameBody: true });
    expect(await fixture.store.outbox.count()).toBe(1);
  });

  it("accepts under a claim that ran out, as long as nobody else has claimed", async () => {
    const claim = await claimed(leaseMs);
    await fixture.pass(leaseMs);
    expect(await accept({ claim })).toEqual({ state: "accepted" });
  });

  it("accepts under a claim that nobody has any more, as if there had been none", async () => {
    const claim = await claimed();
    await fixture.store.releaseDelivery(deliveryKey(), claim);
    expect(await accept({ claim })).toEqual({ state: "accepted" });
    expect(await accept({ claim, jobs: [newJob("b")] })).toEqual({ state: "done", sameBody: true });
    expect(await fixture.store.outbox.count()).toBe(1);
  });

  it("stores nothing under a claim that has passed on", async () => {
    const old = await claimed(leaseMs);
    await fixture.pass(leaseMs);
    const current = await claimed();
    expect(await accept({ claim: old })).toEqual({ state: "running" });
    expect(await fixture.store.outbox.count()).toBe(0);
    expect(await accept({ claim: current })).toEqual({ state: "accepted" });
    expect(await fixture.store.outbox.count()).toBe(1);
  });

  it("remembers what was accepted until its retention is over", async () => {
    await accept({ retentionMs: leaseMs });
    expect((await state()).state).toBe("done");
    await fixture.pass(leaseMs);
    expect((await state()).state).toBe("claimed");
  });

  it("accepts one of many with one key at once", async () => {
    const results = await Promise.all(Array.from({ length: 50 }, (_, index) => accept({ jobs: [newJob(`job-${index}`)] })));
    expect(counts(results)).toEqual({ accepted: 1, others: 49 });
    expect(await fixture.store.outbox.count()).toBe(1);
  });

  it("accepts many deliveries at once, each with its own jobs", async () => {
    const keys = Array.from({ length: 100 }, (_, index) => deliveryKey({ deliveryId: `d-${index}` }));
    const claims = await Promise.all(keys.map((key, index) => (index % 2 === 0 ? claimed(longMs, key) : undefined)));
    const results = await Promise.all(keys.map((key, index) => accept({ key, claim: claims[index], jobs: [newJob(`job-${index}`)] })));
    expect(counts(results).accepted).toBe(100);
    expect(new Set(ids(await fixture.store.outbox.take({ limit: 200, leaseMs })))).toEqual(new Set());
    expect(await fixture.store.outbox.count()).toBe(100);
  });

  if (openAnother) {
    it("accepts one of many with one key at once in several places, claimed or not", async () => {
      const stores = [fixture.store, await fixture.another(), await fixture.another(), await fixture.another()];
      for (let round = 0; round < 10; round++) {
        const key = deliveryKey({ deliveryId: `d-${round}` });
        const one = async (index: number) => {
          const store = stores[index % stores.length]!;
          const jobs = [newJob(`job-${round}-${index}`)];
          if (index % 3 > 0) return accept({ key, jobs }, store);
          const claim = await store.claimDelivery(key, { leaseMs: longMs });
          return claim.state === "claimed" ? accept({ key, jobs, claim: claim.claim }, store) : claim;
        };
        const results = await Promise.all(Array.from({ length: 50 }, (_, index) => one(index)));
        expect(counts(results)).toEqual({ accepted: 1, others: 49 });
        expect(await fixture.store.outbox.count()).toBe(round + 1);
      }
    });

    it("gives nobody a claim on what is being accepted", async () => {
      const other = await fixture.another();
      for (let round = 0; round < 50; round++) {
        const key = deliveryKey({ deliveryId: `d-${round}` });
        const accepting = accept({ key, jobs: [] });
        const claims = await Promise.all(Array.from({ length: 4 }, () => other.claimDelivery(key, { leaseMs: longMs })));
        const { state: outcome } = await accepting;
        const hasClaim = claims.some((each) => each.state === "claimed");
        expect(outcome === "accepted").toBe(!hasClaim);
      }
    });
  }

  if (openQueue) describeJobs(fixture);
}
