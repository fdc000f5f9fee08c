import { withStoredBodies } from "../../src/pipeline/stored-bodies.ts";
import { withStoredDeadLetters } from "../../src/pipeline/stored-dead-letters.ts";
import { memoryStore } from "../../src/store/drivers/memory.ts";
import type { Store } from "../../src/store/store.ts";
import { describeQueue } from "./conformance.ts";
import { narrowQueue } from "./narrow-queue.ts";

let store: Store;

describeQueue("a queue of small jobs without dead letters, with a store", {
  open: async (clock) => {
    store = memoryStore({ clock });
    const stored = async () => store;
    return withStoredBodies(withStoredDeadLetters(narrowQueue({ clock }), stored, { clock }), stored);
  },
  cleanUp: () => store.close(),
  capabilities: { durable: false, ordering: false },
});

describeQueue("a queue of small jobs that keeps dead letters and an order, with a store", {
  open: async (clock) => {
    store = memoryStore({ clock });
    return withStoredBodies(narrowQueue({ clock, largestJobBytes: 80, deadLetters: true }), async () => store);
  },
  cleanUp: () => store.close(),
  capabilities: { durable: false },
});
