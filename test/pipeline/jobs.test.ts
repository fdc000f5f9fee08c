import { describe, expect, test } from "@jest/globals";
import type { SerializedDelivery, WebhookQueueContext } from "hookwright";
import { queueStep } from "../support/handlers.ts";
import { harness } from "../support/harness.ts";
import { until } from "../support/until.ts";

/** A delivery as a queue of the user's own carries it, and what processes it. */
async function carried() {
  const sent: string[] = [];
  const processed: WebhookQueueContext[] = [];
  const parts = harness({
    handlers: [
      queueStep({
        enqueue: async (context) => void sent.push(JSON.stringify(context)),
        process: (context) => void processed.push(context),
      }),
    ],
  });
  await parts.push({ body: '{"ref":"refs/heads/ü","id":9007199254740993}', deliveryId: "d-1" });
  const [text = ""] = sent;
  return { ...parts, processed, delivery: JSON.parse(text) as SerializedDelivery };
}

describe("webhooks.process()", () => {
  test("takes what toJSON() wrote, after a journey as text", async () => {
    const { webhooks, delivery, processed } = await carried();
    await webhooks.process(delivery);
    expect(processed[0]).toMatchObject({
      receiver: "github",
      id: "default",
      events: ["push"],
      deliveryId: "d-1",
      attempt: 1,
      hasUnsafeIntegers: true,
    });
    expect(processed[0]?.rawBody.toString()).toBe('{"ref":"refs/heads/ü","id":9007199254740993}');
    expect(processed[0]?.receivedAt).toBeInstanceOf(Date);
    expect(processed[0]?.data).toMatchObject({ ref: "refs/heads/ü" });
  });

  test("hands over attempt and signal", async () => {
    const { webhooks, delivery, processed } = await carried();
    const signal = AbortSignal.abort();
    await webhooks.process(delivery, { attempt: 3, signal });
    expect(processed[0]).toMatchObject({ attempt: 3, signal });
  });

  test("rejects with what the handler threw", async () => {
    const {
      webhooks,
      push,
      queue: _queue,
    } = harness({
      handlers: [
        queueStep({
          process: () => {
            throw new Error("no");
          },
        }),
      ],
    });
    await push();
    const delivery = (await carried()).delivery;
    await expect(webhooks.process(delivery)).rejects.toThrow("no");
  });

  test("rejects a handler that this process does not have", async () => {
    const { webhooks, delivery } = await carried();
    await expect(webhooks.process({ ...delivery, handler: "other" })).rejects.toMatchObject({ code: "unknown_handler" });
  });

  test("rejects what a newer version wrote, which may mean something else", async () => {
    const { webhooks, delivery, processed } = await carried();
    const newer = { ...delivery, version: 2 } as unknown as SerializedDelivery;
    await expect(webhooks.process(newer)).rejects.toMatchObject({ code: "unknown_handler" });
    expect(processed).toEqual([]);
  });

  test("rejects a receiver that is not registered", async () => {
    const { webhooks, delivery } = await carried();
    await expect(webhooks.process({ ...delivery, receiver: "stripe" })).rejects.toMatchObject({ code: "unknown_handler" });
  });

  test("rejects a body that is no longer what it was", async () => {
    const { webhooks, delivery } = await carried();
    await expect(webhooks.process({ ...delivery, bodyBase64: Buffer.from("{").toString("base64") })).rejects.toMatchObject({
      code: "malformed_body",
    });
  });
});

describe("a job", () => {
  test("whose head is none of ours fails without telling what it says", async () => {
    const { webhooks, queue, log } = harness({ handlers: [queueStep()], worker: { pollMs: 5, maxAttempts: 1 } });
    await queue.send({ id: "foreign", handler: "work", head: "secret text", body: Buffer.from("{}") });
    await webhooks.start();
    await until(async () => (await webhooks.deadLetters.list()).total === 1);
    expect(JSON.stringify([log.lines, (await webhooks.deadLetters.list()).jobs[0]?.reason])).not.toContain("secret");
  });
});
