import { expect, test } from "@jest/globals";
import type { WebhookQueueContext } from "hookwright";
import { type DeliveryProcessor, deliveryProcessor, QueueHandler } from "hookwright/handlers/queue";
import { harness } from "../support/harness.ts";
import { container } from "../support/tsyringe.ts";
import { until } from "../support/until.ts";

function withQueue(process: DeliveryProcessor = () => {}) {
  const scope = container.createChildContainer();
  scope.registerInstance(deliveryProcessor, process);
  return harness({ container: scope, handlers: [QueueHandler] });
}

test("every delivery is stored before it is answered", async () => {
  const { push, queue } = withQueue();
  expect((await push()).status).toBe(200);
  expect((await queue.list({ state: "open" })).total).toBe(1);
});

test("a worker hands the delivery to the registered function", async () => {
  const seen: WebhookQueueContext[] = [];
  const { push, webhooks } = withQueue((context) => void seen.push(context));
  await push({ deliveryId: "d-1" });
  await webhooks.start();
  await until(() => seen.length === 1);
  expect(seen[0]).toMatchObject({ receiver: "github", events: ["push"], deliveryId: "d-1", data: { ref: "refs/heads/main" }, attempt: 1 });
});

test("a missing function shows at start-up", () => {
  const { webhooks } = harness({ handlers: [QueueHandler] });
  expect(() => webhooks.routes()).toThrow(expect.objectContaining({ code: "invalid_options" }));
});
