import { describe, expect, it } from "@jest/globals";
import { memoryStore } from "../../../src/store/drivers/memory.ts";
import { controllableClock } from "../../../src/testing/clock.ts";
import { describeStore } from "../conformance.ts";
import { acceptance, deliveryKey } from "../fixture.ts";

describeStore("the memory store", { open: async (clock) => memoryStore({ clock }) });

describe("the memory store", () => {
  it("has no queue in its database", async () => {
    const store = memoryStore();
    await expect(store.acceptDelivery(acceptance({ to: "queue", jobs: [] }))).rejects.toBeInstanceOf(TypeError);
    await store.close();
  });

  it("goes by a time that nobody can set", async () => {
    const clock = controllableClock();
    const store = memoryStore({ clock });
    await store.claimDelivery(deliveryKey(), { leaseMs: 1_000 });
    clock.jump(86_400_000);
    expect(await store.claimDelivery(deliveryKey(), { leaseMs: 1_000 })).toEqual({ state: "running" });
    await store.close();
  });
});
