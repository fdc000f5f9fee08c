import { gzipSync } from "node:zlib";
import { describe, expect, jest, test } from "@jest/globals";
import { RejectDelivery, type WebhookHandlerContext, type WebhookQueueContext } from "hookwright";
import { genericJson } from "hookwright/receivers/generic-json";
import { deliver, memoryQueue, signRequest } from "hookwright/testing";
import { queueStep, step } from "../support/handlers.ts";
import { harness, secret, signedPush } from "../support/harness.ts";
import { gate, until } from "../support/until.ts";

const facts = ({
  receiver,
  id,
  events,
  deliveryId,
  method,
  data,
  secretIndex,
  bodyBound,
  hasUnsafeIntegers,
  receivedAt,
  rawBody,
  query,
}: WebhookHandlerContext | WebhookQueueContext) => ({
  ...{
    receiver,
    id,
    events,
    deliveryId,
    method,
    data,
    secretIndex,
    bodyBound,
    hasUnsafeIntegers,
    receivedAt,
    body: rawBody.toString("latin1"),
    query: { ...query },
  },
});

describe("a queue handler", () => {
  test("has stored the delivery before it is answered", async () => {
    const queue = memoryQueue();
    const stored = gate();
    const send = queue.send.bind(queue);
    jest.spyOn(queue, "send").mockImplementation(async (job) => {
      await stored.opened;
      await send(job);
    });
    const { push } = harness({ queue, handlers: [queueStep()] });
    let isAnswered = false;
    const answered = push().then(() => void (isAnswered = true));
    await until(() => jest.mocked(queue.send).mock.calls.length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    stored.open();
    await answered;
    expect((await queue.list({ state: "open" })).total).toBe(1);
  });

  test("stores the exact bytes", async () => {
    const { push, queue } = harness({ handlers: [queueStep()] });
    const body = Buffer.from('{"a":1.0,\n "é":2}', "utf8");
    await push({ body });
    const { jobs } = await queue.list({ state: "open" });
    expect(Buffer.from(jobs[0]?.body ?? []).equals(body)).toBe(true);
  });

  test("sets no response, so that a later handler may", async () => {
    const { push } = harness({ handlers: [queueStep(), step((context) => void (context.response = { status: 202 }), { order: 60 })] });
    expect((await push()).status).toBe(202);
  });

  test("does not store what an earlier handler answered", async () => {
    const { push, queue } = harness({
      handlers: [step((context) => void (context.response = { status: 410 }), { order: 1 }), queueStep()],
    });
    await push();
    expect((await queue.list({ state: "open" })).total).toBe(0);
  });

  test("gives process() what execute() of another handler saw", async () => {
    const seen: object[] = [];
    const { push, webhooks } = harness({
      handlers: [step((context) => void seen.push(facts(context))), queueStep({ process: (context) => void seen.push(facts(context)) })],
      secrets: { github: { acme: ["not-a-secret-but-long-enough-0009", secret] } },
    });
    await push({ path: "/acme?x=1&y=2&y=3", event: "issues", body: '{"action":"opened","id":9007199254740993}', deliveryId: "d-1" });
    await webhooks.start();
    await until(() => seen.length === 2);
    expect(seen[1]).toEqual(seen[0]);
  });

  test("processes a compressed body as it was handled", async () => {
    const seen: object[] = [];
    const { webhooks } = harness({
      handlers: [step((context) => void seen.push(facts(context))), queueStep({ process: (context) => void seen.push(facts(context)) })],
    });
    const answer = await deliver(webhooks, signedPush({ body: gzipSync('{"a":[1,2,3]}'), headers: { "content-encoding": "gzip" } }));
    expect(answer.status).toBe(200);
    await webhooks.start();
    await until(() => seen.length === 2);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[0]).toMatchObject({ data: { a: [1, 2, 3] } });
  });

  test("processes a form as it was handled", async () => {
    const seen: object[] = [];
    const { push, webhooks } = harness({
      handlers: [step((context) => void seen.push(facts(context))), queueStep({ process: (context) => void seen.push(facts(context)) })],
    });
    expect((await push({ contentType: "application/x-www-form-urlencoded", body: { action: "opened" } })).status).toBe(200);
    await webhooks.start();
    await until(() => seen.length === 2);
    expect(seen[1]).toEqual(seen[0]);
  });

  test("counts attempts from 1 and gives a signal", async () => {
    let run: WebhookQueueContext | undefined;
    const { push, webhooks } = harness({ handlers: [queueStep({ process: (context) => void (run = context) })] });
    await push();
    await webhooks.start();
    await until(() => run !== undefined);
    expect(run).toMatchObject({ attempt: 1, signal: { aborted: false } });
  });

  test("cannot enqueue again from process()", async () => {
    let failure: unknown;
    const { push, webhooks } = harness({
      handlers: [
        queueStep({
          process: async (context) => {
            await context.sendToQueue().catch((error: unknown) => void (failure = error));
          },
        }),
      ],
    });
    await push();
    await webhooks.start();
    await until(() => failure !== undefined);
    expect(failure).toBeInstanceOf(TypeError);
  });
});

describe("what is stored", () => {
  async function storedText(request: Parameters<typeof signedPush>[0]): Promise<string> {
    const { push, queue } = harness({ handlers: [queueStep()] });
    await push(request ?? {});
    const { jobs } = await queue.list({ state: "open" });
    return jobs[0]?.head ?? "";
  }

  test.each(["authorization", "cookie", "proxy-authorization", "x-api-key", "x-custom"])("is without the header %s", async (name) => {
    expect(await storedText({ headers: { [name]: "canary" } })).not.toContain("canary");
  });

  test("is without the signature", async () => {
    const { headers } = signedPush({ deliveryId: "d-1" });
    expect(await storedText({ deliveryId: "d-1" })).not.toContain(headers["x-hub-signature-256"]?.slice(7));
  });

  test("has the headers that say what it is", async () => {
    expect(JSON.parse(await storedText({ deliveryId: "d-1" })).headers).toMatchObject({
      "x-github-event": "push",
      "x-github-delivery": "d-1",
      "content-type": "application/json",
    });
  });

  test.each(["header", "query"])("is without a token in the %s", async (place) => {
    const { webhooks, queue } = harness({ receivers: [genericJson], secrets: { "generic-json": secret }, handlers: [queueStep()] });
    const url = "https://example.test/api/webhooks/incoming/generic-json";
    const inQuery = { method: "POST", url: `${url}?code=${secret}&event=a`, headers: { "content-type": "application/json" }, body: "{}" };
    expect((await deliver(webhooks, place === "query" ? inQuery : signRequest(genericJson, { secret, url, body: {} }))).status).toBe(200);
    const { jobs } = await queue.list({ state: "open" });
    expect(jobs).toHaveLength(1);
    expect(JSON.stringify(jobs)).not.toContain(secret);
  });
});

describe("enqueue()", () => {
  test("may be overridden for a queue of one's own", async () => {
    const sent: string[] = [];
    const { push, queue } = harness({ handlers: [queueStep({ enqueue: async (context) => void sent.push(JSON.stringify(context)) })] });
    expect((await push()).status).toBe(200);
    expect([sent.length, (await queue.list({ state: "open" })).total]).toEqual([1, 0]);
  });

  const failures: readonly (readonly [string, () => Promise<void>])[] = [
    [
      "rejects",
      async () => {
        throw new Error("broker down");
      },
    ],
    [
      "throws",
      () => {
        throw new Error("broker down");
      },
    ],
    ["rejects with nothing", () => Promise.reject(undefined)],
  ];

  test.each(failures)("that %s is answered 503 with Retry-After", async (_what, enqueue) => {
    const { push } = harness({ handlers: [queueStep({ enqueue })] });
    expect(await push()).toMatchObject({
      status: 503,
      headers: { "retry-after": expect.any(String) },
      body: '{"error":"queue_unavailable"}',
    });
  });

  test("that fails is one log line with handler, delivery and cause", async () => {
    const { push, log } = harness({ handlers: [queueStep({ enqueue: failures[0]![1] })] });
    await push({ deliveryId: "d-1" });
    expect(log.complaints.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ code: "queue_unavailable", handler: "work", deliveryId: "d-1", error: "Error: broker down" }),
    ]);
  });

  test("that fails lets no later handler run", async () => {
    const ran: string[] = [];
    const { push } = harness({ handlers: [queueStep({ enqueue: failures[0]![1] }), step(() => void ran.push("later"), { order: 60 })] });
    await push();
    expect(ran).toEqual([]);
  });

  test("that rejects the delivery is answered with its 4xx", async () => {
    const { push } = harness({
      handlers: [
        queueStep({
          enqueue: async () => {
            throw new RejectDelivery(422, "no");
          },
        }),
      ],
    });
    expect((await push()).status).toBe(422);
  });

  test("on a closed queue is answered 503", async () => {
    const { push, queue } = harness({ handlers: [queueStep()] });
    await queue.close();
    expect((await push()).status).toBe(503);
  });

  test("of one handler that fails, stores nothing twice when the provider comes again", async () => {
    let isDown = true;
    const { push, queue } = harness({
      handlers: [
        queueStep({}, { name: "first" }),
        queueStep(
          {
            enqueue: async (context) => {
              if (isDown) throw new Error("x");
              await context.sendToQueue();
            },
          },
          { name: "second" },
        ),
      ],
    });
    expect((await push({ deliveryId: "d-1" })).status).toBe(503);
    isDown = false;
    expect((await push({ deliveryId: "d-1" })).status).toBe(200);
    const { jobs } = await queue.list({ state: "open" });
    expect(jobs.map(({ handler }) => handler).sort()).toEqual(["first", "second"]);
  });
});

test("execute() called outside the pipeline says so", async () => {
  const Work = queueStep();
  await expect(async () => new Work().execute({} as WebhookHandlerContext)).rejects.toMatchObject({ cause: expect.any(TypeError) });
});
