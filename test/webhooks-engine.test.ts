import { describe, expect, it } from "@jest/globals";
import { ApplicationError, createWebhooks } from "hookwright";
import { github } from "hookwright/receivers/github";
import { memoryQueue, memoryStore } from "hookwright/testing";
import type { Queue } from "../src/queue/queue.ts";
import type { Store } from "../src/store/store.ts";
import { queueStep } from "./support/handlers.ts";
import { RecordingLogger } from "./support/recording-logger.ts";

/** Webhooks over parts that write down what is done to them. */
function engine({ capabilities = {}, settings = {}, isDurable = false }) {
  const done: string[] = [];
  const queue: Queue = Object.assign(memoryQueue(), { capabilities: { engine: "odd", ...capabilities } });
  const store = memoryStore();
  const observed = Object.create(store, {
    isDurable: { value: isDurable },
    close: {
      value: async () => {
        done.push("store closed");
        await store.close();
      },
    },
  }) as Store;
  const close = queue.close.bind(queue);
  queue.close = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push("queue closed");
    await close();
  };
  const given = { receivers: [github], secrets: { github: "not-a-secret-but-long-enough-0001" }, logger: new RecordingLogger() };
  const webhooks = createWebhooks({ ...given, handlers: [queueStep()], queue, store: observed, settings });
  return { webhooks, done };
}

describe("queue and store", () => {
  it("are closed one after the other, since the queue may need the store until its end", async () => {
    const { webhooks, done } = engine({});
    await webhooks.start();
    await webhooks.close();
    expect(done).toEqual(["queue closed", "store closed"]);
  });

  it("are closed after a start that failed, too", async () => {
    const { webhooks, done } = engine({ capabilities: { largestJobBytes: 10, durable: true } });
    await expect(webhooks.start()).rejects.toMatchObject({ code: "unsupported" });
    await webhooks.close();
    expect(done).toEqual(["queue closed", "store closed"]);
  });

  it("say at the start which engine does not answer, and why", async () => {
    const queue: Queue = Object.assign(memoryQueue(), {
      capabilities: { engine: "odd" },
      claim: () => Promise.reject(new ApplicationError("queue_unavailable", undefined, { cause: new Error("connect ECONNREFUSED") })),
    });
    const given = { receivers: [github], secrets: { github: "not-a-secret-but-long-enough-0001" }, logger: new RecordingLogger() };
    const webhooks = createWebhooks({ ...given, handlers: [queueStep()], queue });
    const message = "The queue (odd) does not answer: Error: connect ECONNREFUSED";
    await expect(webhooks.start()).rejects.toMatchObject({ code: "queue_unavailable", message });
    await webhooks.close();
  });

  it("do not fit where some receiver takes bodies that neither could keep", async () => {
    const capabilities = { largestJobBytes: 2 * 1024 * 1024, durable: true };
    const one = engine({ capabilities });
    await one.webhooks.start();
    await one.webhooks.close();
    const other = engine({ capabilities, settings: { github: { maxBytes: 3 * 1024 * 1024 } } });
    await expect(other.webhooks.start()).rejects.toMatchObject({ code: "unsupported" });
    await other.webhooks.close();
  });
});
