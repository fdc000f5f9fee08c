import { describe, expect, test } from "@jest/globals";
import { gone } from "hookwright";
import { deliver } from "hookwright/testing";
import { step } from "../support/handlers.ts";
import { harness, secret, signedPush } from "../support/harness.ts";

describe("deliver()", () => {
  test("answers what the provider would be answered", async () => {
    const { webhooks } = harness({ handlers: [step((context) => void (context.response = gone()))] });
    expect(await deliver(webhooks, signedPush())).toEqual({ status: 410, headers: {}, body: "" });
  });

  test("reads receiver and id from the URL, in any case", async () => {
    const seen: string[] = [];
    const { webhooks } = harness({
      handlers: [step((context) => void seen.push(context.receiver, context.id))],
      secrets: { github: { "a b": secret } },
    });
    await deliver(webhooks, { ...signedPush(), url: "https://example.test/api/webhooks/incoming/GitHub/A%20B" });
    expect(seen).toEqual(["github", "a b"]);
  });

  test("takes a prefix", async () => {
    const { webhooks } = harness();
    expect((await deliver(webhooks, { ...signedPush(), url: "https://example.test/hooks/github" }, { prefix: "/hooks" })).status).toBe(200);
  });

  test.each([
    "https://example.test/other/github",
    "https://example.test/api/webhooks/incoming",
    "https://example.test/api/webhooks/incoming/github/a/b",
  ])("throws for %s, which is no webhook", async (url) => {
    await expect(deliver(harness().webhooks, { ...signedPush(), url })).rejects.toBeInstanceOf(TypeError);
  });

  test("refuses what would be refused over a socket", async () => {
    const { webhooks } = harness({ limits: { maxBytes: 10 } });
    expect((await deliver(webhooks, signedPush({ body: { a: "much too long" } }))).status).toBe(413);
    expect((await deliver(webhooks, { ...signedPush(), method: "put" })).status).toBe(405);
    expect((await deliver(webhooks, signedPush(), { secure: false })).status).toBe(400);
  });

  test("takes a body as text, and headers that occur twice", async () => {
    const { webhooks } = harness();
    const { headers, ...rest } = signedPush({ body: "{}" });
    expect((await deliver(webhooks, { ...rest, headers, body: "{}" })).status).toBe(200);
    const signature = headers["x-hub-signature-256"] ?? "";
    expect((await deliver(webhooks, { ...rest, headers: { ...headers, "x-hub-signature-256": [signature, signature] } })).status).toBe(401);
  });

  test("needs no server and no routes()", async () => {
    const { webhooks } = harness({ handlers: [step(() => {})] });
    await deliver(webhooks, signedPush());
    expect(webhooks.counts().handled).toBe(1);
  });
});
