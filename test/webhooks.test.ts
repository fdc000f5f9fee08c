import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, jest, test } from "@jest/globals";
import { createWebhooks, type WebhooksOptions } from "hookwright";
import { genericJson } from "hookwright/receivers/generic-json";
import { github } from "hookwright/receivers/github";
import { deliver, memoryQueue, signRequest } from "hookwright/testing";
import { pino } from "pino";
import { silentLogger } from "../src/logger.ts";
import { queueStep, step } from "./support/handlers.ts";
import { afterThisTest, harness, secret, signedPush } from "./support/harness.ts";
import { until } from "./support/until.ts";

describe("counts()", () => {
  test("says what became of every request", async () => {
    const { push, webhooks } = harness({
      handlers: [
        step(
          (context) => {
            if (context.events.includes("fail")) throw new Error("x");
          },
          { events: ["push", "fail"] },
        ),
      ],
      settings: { github: { deduplicate: true } },
    });
    await push({ deliveryId: "d-1" });
    await push({ deliveryId: "d-1" });
    await push({ event: "issues" });
    await push({ event: "ping" });
    await push({ event: "fail" });
    await push({ secret: "not-a-secret-but-long-enough-0002" });
    expect(webhooks.counts()).toEqual({ handled: 1, duplicates: 1, ignored: 1, handshakes: 1, failed: 1, rejected: 1 });
  });

  test("gives a copy that does not change", async () => {
    const { push, webhooks } = harness();
    const before = webhooks.counts();
    await push();
    expect(before.ignored).toBe(0);
  });
});

describe("workers", () => {
  test("start once, however often start() is called", async () => {
    const processed: unknown[] = [];
    const { push, webhooks, queue } = harness({ handlers: [queueStep({ process: (context) => void processed.push(context.deliveryId) })] });
    const watched = jest.spyOn(queue, "watch");
    await Promise.all([webhooks.start(), webhooks.start()]);
    await webhooks.start();
    expect(watched).toHaveBeenCalledTimes(1);
    await push({ deliveryId: "d-1" });
    await until(() => processed.length > 0);
    expect(await webhooks.close()).toBe(true);
    expect(processed).toEqual(["d-1"]);
  });

  test("do not run in a process that only receives", async () => {
    const { push, webhooks, queue } = harness({ worker: false, handlers: [queueStep()] });
    await webhooks.start();
    await push();
    const { jobs } = await queue.list({ state: "open" });
    expect(jobs.map(({ attempts }) => attempts)).toEqual([0]);
  });

  test("do not touch the queue where no handler needs one", async () => {
    const queue = memoryQueue();
    await queue.close();
    await expect(harness({ queue, handlers: [step(() => {})] }).webhooks.start()).resolves.toBeUndefined();
  });

  test("whose queue cannot be opened reject start()", async () => {
    const queue = memoryQueue();
    await queue.close();
    await expect(harness({ queue, handlers: [queueStep()] }).webhooks.start()).rejects.toMatchObject({ code: "closed" });
  });
});

describe("dead letters", () => {
  async function withDeadLetter() {
    let isBroken = true;
    const processed: unknown[] = [];
    const parts = harness({
      worker: { maxAttempts: 1 },
      handlers: [
        queueStep({
          process: (context) => {
            if (isBroken) throw new Error("broken");
            processed.push(context.deliveryId);
          },
        }),
      ],
    });
    await parts.webhooks.start();
    await parts.push({ deliveryId: "d-1" });
    await until(async () => (await parts.webhooks.deadLetters.list()).total === 1);
    return {
      ...parts,
      processed,
      repair: () => {
        isBroken = false;
      },
    };
  }

  test("are listed with their reason", async () => {
    const { jobs } = await (await withDeadLetter()).webhooks.deadLetters.list();
    expect(jobs).toEqual([expect.objectContaining({ handler: "work", attempts: 1, reason: expect.stringContaining("broken") })]);
  });

  test("are processed again after retry()", async () => {
    const { webhooks, processed, repair } = await withDeadLetter();
    repair();
    expect(await webhooks.deadLetters.retry("all")).toBe(1);
    await until(() => processed.length === 1);
    expect(processed).toEqual(["d-1"]);
  });

  test("are gone after purge()", async () => {
    const { webhooks } = await withDeadLetter();
    const { jobs } = await webhooks.deadLetters.list();
    expect(await webhooks.deadLetters.purge(jobs.map(({ id }) => id))).toBe(1);
    expect((await webhooks.deadLetters.list()).total).toBe(0);
  });
});

describe("the embedded database", () => {
  function atFile(file: string, options: Partial<WebhooksOptions> = {}) {
    const webhooks = createWebhooks({ receivers: [github], secrets: { github: secret }, logger: silentLogger, database: file, ...options });
    afterThisTest(() => webhooks.close({ graceMs: 0 }));
    return webhooks;
  }

  function temporaryFile(): string {
    const directory = mkdtempSync(join(tmpdir(), "hookwright-"));
    afterThisTest(async () => rmSync(directory, { recursive: true, force: true }));
    return join(directory, "test.db");
  }

  test("keeps a job from one process to the next", async () => {
    const file = temporaryFile();
    const processed: unknown[] = [];
    const handlers = [queueStep({ process: (context) => void processed.push(context.deliveryId) })];
    const first = atFile(file, { handlers });
    expect((await deliver(first, signedPush({ deliveryId: "d-1" }))).status).toBe(200);
    await first.close();
    const second = atFile(file, { handlers });
    await second.start();
    await until(() => processed.length === 1);
    expect(processed).toEqual(["d-1"]);
  });

  test("remembers deliveries from one process to the next", async () => {
    const file = temporaryFile();
    const handlers = [queueStep()];
    const first = atFile(file, { handlers });
    await deliver(first, signedPush({ deliveryId: "d-1" }));
    await first.close();
    const second = atFile(file, { handlers });
    await deliver(second, signedPush({ deliveryId: "d-1" }));
    expect(second.counts().duplicates).toBe(1);
  });

  test("that cannot be opened rejects start()", async () => {
    await expect(atFile("/nowhere/at/all.db", { handlers: [queueStep()] }).start()).rejects.toMatchObject({ code: "invalid_options" });
  });

  test("that cannot be opened is answered 503, and nothing is taken on", async () => {
    expect((await deliver(atFile("/nowhere/at/all.db", { handlers: [queueStep()] }), signedPush())).status).toBe(503);
  });

  test("is not opened where nothing needs it", async () => {
    const webhooks = atFile("/nowhere/at/all.db", { handlers: [step(() => {})] });
    await webhooks.start();
    expect((await deliver(webhooks, signedPush())).status).toBe(200);
  });
});

describe("what strangers write", () => {
  test("stays on one line of the log", async () => {
    const written: string[] = [];
    const logger = pino({ level: "debug" }, { write: (line: string) => void written.push(line) });
    const { webhooks } = harness({ logger, receivers: [genericJson], secrets: { "generic-json": () => secret } });
    const hostile = '\n{"level":60,"msg":"fatal"}\u001b[31m\u0000\u2028';
    const url = `https://example.test/api/webhooks/incoming/generic-json/${encodeURIComponent("x\n{}")}`;
    await deliver(webhooks, signRequest(genericJson, { secret, body: {}, url }));
    await deliver(webhooks, {
      ...signRequest(genericJson, { secret, body: {}, event: hostile }),
      headers: { "x-webhook-secret": secret, "content-type": "application/json", "idempotency-key": hostile },
    });
    expect(written.length).toBeGreaterThan(1);
    expect(written.every((line) => line.indexOf("\n") === line.length - 1 && !line.includes("\u001b") && JSON.parse(line).level < 60)).toBe(
      true,
    );
  });
});

test("a secret that is rotated by its source leaves no moment without a valid one", async () => {
  let secrets = [secret];
  const newer = "not-a-secret-but-long-enough-0002";
  const { push } = harness({ secrets: { github: async () => secrets } });
  const answers = [await push()];
  secrets = [newer, secret];
  answers.push(await push(), await push({ secret: newer }));
  secrets = [newer];
  answers.push(await push({ secret: newer }), await push());
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 401]);
});
