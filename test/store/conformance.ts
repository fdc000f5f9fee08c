import { describe, expect, it } from "@jest/globals";
import { describeAcceptance } from "./acceptance.ts";
import { describeBodies } from "./bodies.ts";
import { describeBodyTerms } from "./bodies-terms.ts";
import { describeDeadLetters } from "./dead-letters.ts";
import { type Fixture, type StoreUnderTest, useStore } from "./fixture.ts";
import { describeOutbox } from "./outbox.ts";
import { acceptance, deadLetter, deliveryKey } from "./values.ts";

export { deliveryKey } from "./values.ts";

/** Checks every promise of the store contract against a driver. */
export function describeStore(name: string, driver: StoreUnderTest): void {
  describe(name, () => {
    const fixture = useStore(driver);
    describe("deliveries", () => describeDeliveries(fixture, driver));
    describe("acceptance", () => describeAcceptance(fixture, driver));
    describe("outbox", () => describeOutbox(fixture, driver));
    describe("bodies", () => describeBodies(fixture, driver));
    describe("terms of bodies", () => describeBodyTerms(fixture));
    describe("dead letters", () => describeDeadLetters(fixture));
    describeEnd(fixture);
  });
}

function describeDeliveries(fixture: Fixture, { openAnother }: StoreUnderTest): void {
  const { leaseMs, longMs } = fixture;
  const retentionMs = 3_600_000;

  const claimed = async (key = deliveryKey(), ms = longMs) => {
    const claim = await fixture.store.claimDelivery(key, { leaseMs: ms });
    if (claim.state !== "claimed") throw new Error(`the delivery is ${claim.state}`);
    return claim.claim;
  };
  const state = async (key = deliveryKey(), store = fixture.store) => (await store.claimDelivery(key, { leaseMs: longMs })).state;
  const complete = (claim: string, ms = retentionMs) => fixture.store.completeDelivery(deliveryKey(), claim, { retentionMs: ms });
  const release = (claim: string) => fixture.store.releaseDelivery(deliveryKey(), claim);

  it("gives a delivery to one of many that claim it at once", async () => {
    const states = await Promise.all(Array.from({ length: 50 }, () => state()));
    expect(states.filter((each) => each === "claimed")).toHaveLength(1);
    expect(states.filter((each) => each === "running")).toHaveLength(49);
  });

  if (openAnother) {
    it("gives a delivery to one of many that claim it at once in several places", async () => {
      const stores = [fixture.store, await fixture.another(), await fixture.another()];
      for (let round = 0; round < 20; round++) {
        const key = deliveryKey({ deliveryId: `d-${round}` });
        const states = await Promise.all(Array.from({ length: 12 }, (_, index) => state(key, stores[index % 3])));
        expect(states.filter((each) => each === "claimed")).toHaveLength(1);
      }
    });

    it("gives nobody a delivery that is being completed", async () => {
      const other = await fixture.another();
      for (let round = 0; round < 50; round++) {
        const key = deliveryKey({ deliveryId: `d-${round}` });
        const claim = await claimed(key);
        const completing = fixture.store.completeDelivery(key, claim, { retentionMs });
        const states = await Promise.all(Array.from({ length: 4 }, () => state(key, other)));
        await completing;
        expect(states).not.toContain("claimed");
        expect(await state(key)).toBe("done");
      }
    });
  }

  it("claims, completes and releases many deliveries at once", async () => {
    const keys = Array.from({ length: 200 }, (_, index) => deliveryKey({ deliveryId: `d-${index}`, bodyChecksum: index }));
    const claims = await Promise.all(keys.map((key) => claimed(key)));
    await Promise.all(
      keys.map((key, index) =>
        index % 2 === 0
          ? fixture.store.completeDelivery(key, claims[index]!, { retentionMs })
          : fixture.store.releaseDelivery(key, claims[index]!),
      ),
    );
    const known = await Promise.all(keys.map((key) => fixture.store.claimDelivery(key, { leaseMs: longMs })));
    expect(known.map((each) => (each.state === "done" ? each.sameBody : each.state))).toEqual(
      keys.map((_, index) => (index % 2 === 0 ? true : "claimed")),
    );
  });

  it("tells deliveries of different receivers, ids and delivery ids apart", async () => {
    const keys = [{}, { receiver: "a" }, { id: "a" }, { deliveryId: "a" }, { receiver: "git", id: "hubdefault" }];
    for (const key of keys) expect(await state(deliveryKey(key))).toBe("claimed");
  });

  it("answers that a completed delivery is done", async () => {
    await complete(await claimed());
    expect(await fixture.store.claimDelivery(deliveryKey(), { leaseMs })).toEqual({ state: "done", sameBody: true });
  });

  it("notices another body under the same delivery id", async () => {
    await complete(await claimed());
    const other = deliveryKey({ bodyChecksum: 1 });
    expect(await fixture.store.claimDelivery(other, { leaseMs })).toEqual({ state: "done", sameBody: false });
  });

  it("gives a released delivery out again", async () => {
    await release(await claimed());
    expect(await state()).toBe("claimed");
  });

  it("gives a delivery out again when its claim has run out", async () => {
    await claimed(deliveryKey(), leaseMs);
    expect(await state()).toBe("running");
    await fixture.pass(leaseMs);
    expect(await state()).toBe("claimed");
  });

  it("ignores completion and release under a claim that has passed on", async () => {
    const old = await claimed(deliveryKey(), leaseMs);
    await fixture.pass(leaseMs);
    const current = await claimed();
    await complete(old);
    await release(old);
    expect(await state()).toBe("running");
    await complete(current);
    expect(await state()).toBe("done");
  });

  it("lets a claim that ran out complete as long as nobody else has claimed", async () => {
    const old = await claimed(deliveryKey(), leaseMs);
    await fixture.pass(leaseMs);
    await complete(old);
    expect(await state()).toBe("done");
  });

  it("does not release what is done", async () => {
    const claim = await claimed();
    await complete(claim);
    await release(claim);
    expect(await state()).toBe("done");
  });

  it("remembers a completed delivery until its retention is over", async () => {
    await complete(await claimed(), leaseMs);
    expect(await state()).toBe("done");
    await fixture.pass(leaseMs);
    expect(await state()).toBe("claimed");
  });
}

function describeEnd(fixture: Fixture): void {
  it("finishes what is under way before it closes", async () => {
    const { store, longMs } = fixture;
    const calls = [
      store.claimDelivery(deliveryKey(), { leaseMs: longMs }),
      store.acceptDelivery(acceptance({ key: deliveryKey({ deliveryId: "d-2" }) })),
      store.outbox.remove(["a"]),
      store.bodies.put("a", new Uint8Array(), { keepMs: longMs }),
    ];
    const settled = Promise.allSettled(calls);
    await store.close();
    expect((await settled).map(({ status }) => status)).toEqual(calls.map(() => "fulfilled"));
  });

  it("rejects every call after close, and may be closed twice", async () => {
    const { store, longMs } = fixture;
    await store.close();
    await store.close();
    const calls = [
      () => store.claimDelivery(deliveryKey(), { leaseMs: longMs }),
      () => store.completeDelivery(deliveryKey(), "x", { retentionMs: longMs }),
      () => store.releaseDelivery(deliveryKey(), "x"),
      () => store.acceptDelivery(acceptance()),
      () => store.outbox.take({ limit: 1, leaseMs: longMs }),
      () => store.outbox.remove(["a"]),
      () => store.outbox.count(),
      () => store.bodies.put("a", new Uint8Array()),
      () => store.bodies.get(["a"]),
      () => store.bodies.remove(["a"]),
      () => store.bodies.keep(["a"], { keepMs: longMs }),
      () => store.bodies.count({ keepMs: longMs, atMostMs: longMs }),
      () => store.bodies.sweep({ limit: 1 }),
      () => store.deadLetters.add(deadLetter("a")),
      () => store.deadLetters.list({ limit: 1 }),
      () => store.deadLetters.get(["a"]),
      () => store.deadLetters.remove("all"),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "closed" });
  });
}
