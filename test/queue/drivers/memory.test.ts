import { memoryQueue } from "../../../src/queue/drivers/memory.ts";
import { describeQueue } from "../conformance.ts";

describeQueue("the memory queue", {
  open: async (clock) => memoryQueue({ clock }),
  capabilities: { engine: "memory", durable: false },
});
