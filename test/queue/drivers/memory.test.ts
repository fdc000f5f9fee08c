import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import { memoryQueue } from "../../../src/queue/drivers/memory.ts";
import { describeQueue, newJob } from "../conformance.ts";

describeQueue("the memory queue", {
  open: async (clock) => memoryQueue({ clock }),
  capabilities: { engine: "memory", durable: false },
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

describe("the memory queue", () => {
  it("keeps nothing of a job that is done, though its lease would last", async () => {
    const queue = memoryQueue();
    const heldMebibytes = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers / (1024 * 1024);
    };
    await queue.send(newJob("comes first", { dueAt: new Date(Date.now() + 600_000) }));
    const before = heldMebibytes();
    for (let count = 0; count < 100; count++) {
      await queue.send(newJob(`job-${count}`, { body: new Uint8Array(1024 * 1024) }));
      const { jobs } = await queue.claim({ limit: 1, leaseMs: 3_600_000 });
      await queue.claim({ limit: 0, leaseMs: 0, settle: jobs.map(({ id, lease }) => ({ id, lease, outcome: "acknowledge" })) });
    }
    expect(heldMebibytes() - before).toBeLessThan(20);
    await queue.close();
  });

  it("takes no watcher once it is closed", async () => {
    const queue = memoryQueue();
    await queue.close();
    expect(() => queue.watch(() => {})).toThrow(expect.objectContaining({ code: "closed" }));
  });
});
