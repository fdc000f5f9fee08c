import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { DeliveryKey, Store } from "../../src/store/store.ts";
import { type ControllableClock, controllableClock } from "../../src/testing/clock.ts";

/** What the suite needs to know of a driver: how to make a fresh, empty store on a clock. */
export interface StoreUnderTest {
  open(clock: ControllableClock): Promise<Store>;
  /** Removes what `open` left; called after the store has been closed. */
  cleanUp?(): Promise<void>;
}

/** A key with defaults for what a test does not care about. */
export function deliveryKey(members: Partial<DeliveryKey> = {}): DeliveryKey {
  return { receiver: "github", id: "default", deliveryId: "d-1", bodyChecksum: 4_294_967_295, ...members };
}

const leaseMs = 30_000;
const retentionMs = 3_600_000;

/** Checks every promise of the store contract against a driver. */
export function describeStore(name: string, { open, cleanUp }: StoreUnderTest): void {
  describe(name, () => {
    let clock: ControllableClock;
    let store: Store;

    beforeEach(async () => {
      clock = controllableClock();
      store = await open(clock);
    });
    afterEach(async () => {
      await store.close();
      await cleanUp?.();
    });

    const claimed = async (key = deliveryKey()) => {
      const claim = await store.claimDelivery(key, { leaseMs });
      if (claim.state !== "claimed") throw new Error(`the delivery is ${claim.state}`);
      return claim.claim;
    };
    const state = async (key = deliveryKey()) => (await store.claimDelivery(key, { leaseMs })).state;

    it("gives a delivery to one of many that claim it at once", async () => {
      const states = await Promise.all(Array.from({ length: 50 }, () => state()));
      expect(states.filter((each) => each === "claimed")).toHaveLength(1);
      expect(states.filter((each) => each === "running")).toHaveLength(49);
    });

    it("tells deliveries of different receivers, ids and delivery ids apart", async () => {
      const keys = [{}, { receiver: "a" }, { id: "a" }, { deliveryId: "a" }, { receiver: "git", id: "hubdefault" }];
      for (const key of keys) expect(await state(deliveryKey(key))).toBe("claimed");
    });

    it("answers that a completed delivery is done", async () => {
      await store.completeDelivery(deliveryKey(), await claimed(), { retentionMs });
      expect(await store.claimDelivery(deliveryKey(), { leaseMs })).toEqual({ state: "done", sameBody: true });
    });

    it("notices another body under the same delivery id", async () => {
      await store.completeDelivery(deliveryKey(), await claimed(), { retentionMs });
      const other = deliveryKey({ bodyChecksum: 1 });
      expect(await store.claimDelivery(other, { leaseMs })).toEqual({ state: "done", sameBody: false });
    });

    it("gives a released delivery out again", async () => {
      await store.releaseDelivery(deliveryKey(), await claimed());
      expect(await state()).toBe("claimed");
    });

    it("gives a delivery out again when its claim has run out", async () => {
      await claimed();
      await clock.advance(leaseMs - 1);
      expect(await state()).toBe("running");
      await clock.advance(1);
      expect(await state()).toBe("claimed");
    });

    it("ignores completion and release under a claim that has passed on", async () => {
      const old = await claimed();
      await clock.advance(leaseMs);
      const current = await claimed();
      await store.completeDelivery(deliveryKey(), old, { retentionMs });
      await store.releaseDelivery(deliveryKey(), old);
      expect(await state()).toBe("running");
      await store.completeDelivery(deliveryKey(), current, { retentionMs });
      expect(await state()).toBe("done");
    });

    it("does not release what is done", async () => {
      const claim = await claimed();
      await store.completeDelivery(deliveryKey(), claim, { retentionMs });
      await store.releaseDelivery(deliveryKey(), claim);
      expect(await state()).toBe("done");
    });

    it("remembers a completed delivery until its retention is over", async () => {
      await store.completeDelivery(deliveryKey(), await claimed(), { retentionMs });
      await clock.advance(retentionMs - 1);
      expect(await state()).toBe("done");
      await clock.advance(1);
      expect(await state()).toBe("claimed");
    });

    it("rejects every call after close, and may be closed twice", async () => {
      await store.close();
      await store.close();
      const calls = [
        store.claimDelivery(deliveryKey(), { leaseMs }),
        store.completeDelivery(deliveryKey(), "x", { retentionMs }),
        store.releaseDelivery(deliveryKey(), "x"),
      ];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: "closed" });
    });
  });
}
