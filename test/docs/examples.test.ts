import { generateKeyPairSync } from "node:crypto";
import { describe, expect, jest, test } from "@jest/globals";
import {
  createWebhooks,
  handler,
  silentLogger,
  WebhookHandler,
  type WebhookHandlerContext,
  type WebhookQueueContext,
  WebhookQueueHandler,
} from "hookwright";
import { github } from "hookwright/receivers/github";
import { deliver, memoryQueue, memoryStore, type SignedRequest, signRequest } from "hookwright/testing";

// Jest loads CommonJS modules before it runs the first import, so tsyringe would miss the polyfill that Hookwright loads.
const { acme, parcels, tickets } = await import("../../examples/custom-receiver.ts");
const { retryDeadLetters, showDeadLetters } = await import("../../examples/dead-letters.ts");
const { createApp: createLifetimes } = await import("../../examples/lifetimes.ts");
const { consume, createApp: createOwnQueue } = await import("../../examples/own-queue.ts");
const { createApp: createVaultSecrets } = await import("../../examples/vault-secrets.ts");

const secret = "a secret for tests only";
const logger = silentLogger;

describe("examples/custom-receiver.ts", () => {
  const key = Buffer.alloc(32, 7).toString("base64");
  const seen: WebhookHandlerContext[] = [];

  @handler()
  class Note extends WebhookHandler {
    execute(context: WebhookHandlerContext): void {
      seen.push(context);
    }
  }

  const webhooks = createWebhooks({ receivers: [acme, tickets], handlers: [Note], secrets: { acme: secret, tickets: key }, logger });

  test("reads a delivery that data alone describes", async () => {
    const { status } = await deliver(webhooks, signRequest(acme, { secret, event: "order.paid", deliveryId: "d1", body: { total: 5 } }));
    expect(status).toBe(200);
    expect(seen.at(-1)).toMatchObject({ events: ["order.paid"], deliveryId: "d1", data: { total: 5 } });
  });

  test("reads a delivery that is proved with a published key, and takes that key for its region only", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const keySet = JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1" }] });
    const fetched: string[] = [];
    const parts = (region: "eu" | "us") => ({
      receivers: [parcels],
      handlers: [Note],
      secrets: { parcels: "acct_123" },
      settings: { parcels: { region } },
      remoteFetch: async ({ url }: { readonly url: string }) => {
        fetched.push(url);
        if (!url.endsWith("/eu.json")) throw new Error("no such keys");
        return { headers: {}, body: Buffer.from(keySet) };
      },
      logger,
    });
    const key = { ...privateKey.export({ format: "jwk" }), kid: "k1" };
    const body = { id: "p1", object: "parcel", action: "delivered", account: "acct_123", sent_at: "2026-01-01T00:00:00Z" };
    const request = signRequest(parcels.configure({ region: "eu" }), { secret: JSON.stringify({ key, secret: "acct_123" }), body });
    expect((await deliver(createWebhooks(parts("eu")), request)).status).toBe(200);
    expect(seen.at(-1)).toMatchObject({ events: ["parcel.delivered"], deliveryId: "p1", account: "acct_123" });
    expect((await deliver(createWebhooks(parts("us")), request)).status).toBe(503);
    expect(fetched).toEqual(["https://keys.parcels.example/eu.json", "https://keys.parcels.example/us.json"]);
  });

  test("reads a delivery that functions describe", async () => {
    const request = signRequest(tickets, { secret: key, event: "ticket.closed", deliveryId: "d2" });
    expect((await deliver(webhooks, request)).status).toBe(202);
    expect(seen.at(-1)).toMatchObject({ events: ["ticket.closed"], deliveryId: "d2" });
  });

  test("answers the signed probe, and not a forged one", async () => {
    const probe = signRequest(tickets, { secret: key, headers: { "tickets-probe": "1" } });
    expect((await deliver(webhooks, probe)).status).toBe(204);
    expect((await deliver(webhooks, { ...probe, body: "{}" })).status).toBe(401);
  });
});

describe("examples/lifetimes.ts", () => {
  test("shares a unit of work within a delivery, and totals across all", async () => {
    const webhooks = createLifetimes(secret, logger);
    const answers = [await deliver(webhooks, push()), await deliver(webhooks, push())];
    expect(answers.map(({ body }) => JSON.parse(String(body)))).toEqual([
      { changes: ["push"], deliveries: 1 },
      { changes: ["push"], deliveries: 2 },
    ]);
  });
});

describe("examples/own-queue.ts", () => {
  const create = (publish: (topic: string, message: string) => Promise<void>) =>
    createOwnQueue({ broker: { publish }, store: memoryStore(), secret, logger });

  test("publishes a message that another process can consume", async () => {
    const messages: string[] = [];
    const webhooks = create(async (_topic, message) => void messages.push(message));
    expect((await deliver(webhooks, push())).status).toBe(200);
    const log = jest.spyOn(console, "log").mockImplementation(() => {});
    await consume(webhooks, messages[0] ?? "", 2);
    expect(log).toHaveBeenCalledWith("deploying refs/heads/main, attempt 2");
    log.mockRestore();
    await webhooks.close();
  });

  test("answers 503 while the broker cannot be reached", async () => {
    const webhooks = create(async () => {
      throw new Error("no broker");
    });
    expect(await deliver(webhooks, push())).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    await webhooks.close();
  });
});

describe("examples/vault-secrets.ts", () => {
  test("asks the vault once a minute for each id", async () => {
    const asked: string[] = [];
    const read = async (path: string) => {
      asked.push(path);
      return path === "webhooks/github/default" ? [secret] : undefined;
    };
    const webhooks = createVaultSecrets({ read }, logger);
    expect((await deliver(webhooks, push())).status).toBe(200);
    expect((await deliver(webhooks, push())).status).toBe(200);
    expect((await deliver(webhooks, push("/nobody"))).status).toBe(404);
    expect(asked).toEqual(["webhooks/github/default", "webhooks/github/nobody"]);
  });

  test("answers 503 while the vault is away", async () => {
    const read = async () => {
      throw new Error("sealed");
    };
    expect(await deliver(createVaultSecrets({ read }, logger), push())).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
  });
});

describe("examples/dead-letters.ts", () => {
  @handler()
  class Fails extends WebhookQueueHandler {
    process(_context: WebhookQueueContext): void {
      throw new Error("always");
    }
  }

  test("shows dead letters and makes them due again", async () => {
    const queue = memoryQueue();
    const webhooks = createWebhooks({ receivers: [github], handlers: [Fails], secrets: { github: secret }, queue, logger });
    await deliver(webhooks, push());
    const { jobs } = await queue.claim({ limit: 1, leaseMs: 60_000 });
    await queue.claim({
      limit: 0,
      leaseMs: 1,
      settle: jobs.map(({ id, lease }) => ({ id, lease, outcome: "dead", reason: "Error: always" })),
    });
    const lines: string[] = [];
    await showDeadLetters(webhooks, (line) => lines.push(line));
    expect(lines).toEqual([expect.stringMatching(/^\S+ Fails, 1 attempts, dead since \S+: Error: always$/)]);
    expect(await retryDeadLetters(webhooks, "Other")).toBe(0);
    expect(await retryDeadLetters(webhooks, "Fails")).toBe(1);
    expect((await webhooks.deadLetters.list()).total).toBe(0);
    await webhooks.close();
  });
});

function push(id = ""): SignedRequest {
  const url = `https://example.test/api/webhooks/incoming/github${id}`;
  return signRequest(github, { secret, url, event: "push", body: { ref: "refs/heads/main" } });
}
