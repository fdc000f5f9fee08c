import { describe, expect, it } from "@jest/globals";
import { createWebhooks, handler, silentLogger, WebhookHandler } from "hookwright";
import { memoryStore } from "hookwright/testing";
import { genericJson } from "../../receivers/generic-json.ts";
import { rawHeadersOf } from "../../src/receiver/index.ts";
import { signRequest } from "../../src/testing/sign-request.ts";

const secret = "12345678901234567890123456789012";

describe("the same request twice", () => {
  it.each([
    [undefined, 2],
    ["", 2],
    ["5f1c", 1],
  ])("with the id %j is handled %j times", async (id, times) => {
    let handled = 0;
    @handler()
    class Note extends WebhookHandler {
      execute(): void {
        handled++;
      }
    }
    const webhooks = createWebhooks({
      receivers: [genericJson],
      handlers: [Note],
      secrets: { "generic-json": secret },
      settings: { "generic-json": { deduplicate: true } },
      store: memoryStore(),
      logger: silentLogger,
    });
    const { method, url, headers, body } = signRequest(genericJson, { secret, body: { door: "open" } });
    const { "idempotency-key": _made, ...others } = headers;
    const rawHeaders = rawHeadersOf({ ...others, ...(id === undefined ? {} : { "idempotency-key": id }) });
    for (let i = 0; i < 2; i++) {
      const answer = await webhooks.receive({
        receiver: "generic-json",
        id: "default",
        method,
        url,
        rawHeaders,
        secure: true,
        readBody: async () => body,
      });
      expect(answer.status).toBe(200);
    }
    expect(handled).toBe(times);
    await webhooks.close({ graceMs: 0 });
  });
});
