import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { handler, type WebhookQueueContext, WebhookQueueHandler } from "hookwright";
import { memoryQueue } from "hookwright/queue/memory";
import { sqliteQueue } from "hookwright/queue/sqlite";
import { sqliteStore } from "hookwright/store/sqlite";
import type { Queue } from "../../src/queue/queue.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryDirectory } from "../sqlite/temporary-directory.ts";
import { step } from "../support/handlers.ts";
import { type Harness, harness } from "../support/harness.ts";
import { until } from "../support/until.ts";

/** A handler that inherits both steps of storing, as most do. */
function work(options: Parameters<typeof handler>[0] = {}, process: (context: WebhookQueueContext) => void = () => {}) {
  class Work extends WebhookQueueHandler {
    process(context: WebhookQueueContext): void {
      process(context);
    }
  }
  handler({ name: "work", order: 90, ...options })(Work);
  return Work;
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let file: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
  file = join(directory.path, "webhooks.db");
});
afterEach(() => directory.remove());

const statuses = async (answers: readonly Promise<{ readonly status: number }>[]) =>
  (await Promise.all(answers)).map(({ status }) => status);
const open = async (queue: Queue) => (await queue.list({ state: "open", limit: 0 })).total;

describe.each([
  ["whose run only stores", []],
  ["whose run does something else as well", [step(() => {})]],
])("a delivery %s, in one database", (_, others) => {
  const start = (options = {}): Harness =>
    harness({ queue: sqliteQueue({ file }), store: sqliteStore({ file }), handlers: [...others, work()], ...options });

  it("is stored once, and known from then on, however many copies come at once, in two processes", async () => {
    const [one, two] = [start(), start()];
    const copies = Array.from({ length: 20 }, (_unused, index) => (index % 2 === 0 ? one : two).push({ deliveryId: "d-1" }));
    expect(new Set(await statuses(copies))).toEqual(new Set([200]));
    expect(await open(one.queue)).toBe(1);
    const counts = [one.webhooks.counts(), two.webhooks.counts()];
    expect(counts.reduce((sum, { handled }) => sum + handled, 0)).toBe(1);
    expect(counts.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(19);
  });

  it("is a duplicate after its job is done, although nothing but the acceptance recorded it", async () => {
    const { push, queue } = start();
    await push({ deliveryId: "d-1" });
    const { jobs } = await queue.claim({ limit: 1, leaseMs: 60_000 });
    await queue.claim({ limit: 0, leaseMs: 1, settle: jobs.map(({ id, lease }) => ({ id, lease, outcome: "acknowledge" })) });
    expect((await push({ deliveryId: "d-1" })).status).toBe(200);
    expect(await open(queue)).toBe(0);
  });

  it("is not stored at all where a later handler throws, and runs when it comes again", async () => {
    let isBroken = true;
    const later = step(
      () => {
        if (isBroken) throw new Error("not yet");
      },
      { order: 95 },
    );
    const { push, queue } = start({ handlers: [...others, work(), later] });
    expect((await push({ deliveryId: "d-1" })).status).toBe(500);
    expect(await open(queue)).toBe(0);
    isBroken = false;
    expect((await push({ deliveryId: "d-1" })).status).toBe(200);
    expect(await open(queue)).toBe(1);
  });

  it("is stored and not remembered where a later handler answers 410", async () => {
    const { push, queue } = start({
      handlers: [...others, work(), step((context) => void (context.response = { status: 410 }), { order: 95 })],
    });
    expect(await statuses([push({ deliveryId: "d-1" })])).toEqual([410]);
    expect(await statuses([push({ deliveryId: "d-1" })])).toEqual([410]);
    expect(await open(queue)).toBe(1);
  });

  it("has the jobs of all its queue handlers, or none", async () => {
    const { push, queue } = start({ handlers: [...others, work(), work({ name: "more" }), work({ name: "most" })] });
    await push({ deliveryId: "d-1" });
    expect((await queue.list({ state: "open" })).jobs.map((job) => job.handler).sort()).toEqual(["more", "most", "work"]);
  });
});

describe("a delivery whose queue is in another place", () => {
  let store: Store;

  beforeEach(() => {
    store = sqliteStore({ file });
  });

  it("is accepted while the queue is away, and handed over later, once", async () => {
    let isAway = true;
    const queue = breakable(memoryQueue(), () => isAway);
    const done: string[] = [];
    const { push, webhooks, log } = harness({
      queue,
      store,
      handlers: [work({}, ({ deliveryId }) => void done.push(deliveryId ?? ""))],
      worker: { pollMs: 10 },
    });
    expect(await statuses([push({ deliveryId: "d-1" }), push({ deliveryId: "d-1" }), push({ deliveryId: "d-2" })])).toEqual([
      200, 200, 200,
    ]);
    await until(() => log.complaints.length > 0);
    expect(await store.outbox.count()).toBe(2);
    expect(done).toEqual([]);
    isAway = false;
    await webhooks.start();
    await push({ deliveryId: "d-3" }); // handed over at once
    await until(() => done.includes("d-3"));
    await until(() => done.length === 3, 25_000);
    expect([...done].sort()).toEqual(["d-1", "d-2", "d-3"]);
    await until(async () => (await store.outbox.count()) === 0);
  }, 40_000);

  it("is handed over by another process, where the one that accepted it has died", async () => {
    const job = { id: "left-behind", handler: "work", head: "{}", body: Buffer.from("{}"), group: "github" };
    await store.acceptDelivery({ key: undefined, claim: undefined, retentionMs: 60_000, leaseMs: 1, jobs: [job], to: "outbox" });
    const queue = memoryQueue();
    const { webhooks } = harness({ queue, store, handlers: [work()], worker: false });
    await webhooks.start();
    await until(async () => (await open(queue)) === 1, 25_000);
    await until(async () => (await store.outbox.count()) === 0);
  }, 40_000);

  it("cannot have an ordering key: jobs could overtake each other on the way", async () => {
    const { webhooks } = harness({ queue: memoryQueue(), store, handlers: [work({ orderingKey: () => "k" })] });
    await expect(webhooks.start()).rejects.toMatchObject({ code: "unsupported" });
  });
});

describe("an ordering key", () => {
  it("keeps the jobs of a key in order and one at a time, across two workers", async () => {
    const seen: string[] = [];
    let running = 0;
    let most = 0;
    class Work extends WebhookQueueHandler {
      async process({ data }: WebhookQueueContext): Promise<void> {
        most = Math.max(most, ++running);
        seen.push((data as { readonly ref: string }).ref);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      }
    }
    handler({ name: "work", orderingKey: (delivery) => delivery.receiver })(Work);
    const parts = () => harness({ queue: sqliteQueue({ file }), store: sqliteStore({ file }), handlers: [Work], worker: { pollMs: 5 } });
    const [one, two] = [parts(), parts()];
    for (let index = 0; index < 30; index++) await one.push({ deliveryId: `d-${index}`, body: { ref: `${index}` } });
    await Promise.all([one.webhooks.start(), two.webhooks.start()]);
    await until(() => seen.length === 30);
    expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => `${index}`));
    expect(most).toBe(1);
  });

  it.each([
    ["throws", () => (undefined as unknown as Date).toISOString()],
    ["answers no text", () => 7 as unknown as string],
  ])("that %s is a failure of the handler, and nothing is stored", async (_, orderingKey) => {
    const { push, queue } = harness({ handlers: [work({ orderingKey })] });
    expect(await push({})).toMatchObject({ status: 500, body: '{"error":"handler_failed"}' });
    expect((await queue.list({ state: "open" })).total).toBe(0);
  });

  it("is refused by a queue that cannot keep it", async () => {
    const queue: Queue = Object.assign(memoryQueue(), { capabilities: { engine: "plain", ordering: false } });
    const { webhooks } = harness({ queue, handlers: [work({ orderingKey: () => "k" })] });
    await expect(webhooks.start()).rejects.toMatchObject({ code: "unsupported" });
  });
});

describe("a queue that takes small jobs only", () => {
  it("is refused at the start without a store that keeps the larger bodies", async () => {
    const queue: Queue = Object.assign(memoryQueue(), { capabilities: { engine: "small", largestJobBytes: 1_000 } });
    await expect(harness({ queue, handlers: [work()] }).webhooks.start()).rejects.toMatchObject({ code: "unsupported" });
    const store = sqliteStore({ file });
    await harness({ queue, store, handlers: [work()] }).webhooks.start();
  });
});

/** A queue that rejects while it is away. */
function breakable(queue: Queue, isAway: () => boolean): Queue {
  const send = queue.send.bind(queue);
  const claim = queue.claim.bind(queue);
  return Object.assign(queue, {
    send: async (job: Parameters<Queue["send"]>[0]) => {
      if (isAway()) throw new Error("away");
      await send(job);
    },
    claim,
  });
}
