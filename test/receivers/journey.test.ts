import { afterAll, describe, expect, it } from "@jest/globals";
import { createWebhooks, handler, silentLogger, WebhookHandler, type WebhookHandlerContext } from "hookwright";
import { controllableClock, memoryQueue, memoryStore } from "hookwright/testing";
import type { Receiver } from "../../src/receiver/index.ts";
import { type ReceiverVector, requestOf } from "../../src/testing/vector.ts";
import { loadCatalogue } from "./catalogue.ts";

/** Every vector whose secret `createWebhooks` would take: published ones may be shorter. */
const vectors = (await loadCatalogue()).flatMap(({ slug, receiver, vectors: all }) =>
  all.filter((vector) => isLongEnough(receiver, vector.secret)).map((vector) => ({ slug, receiver, vector, name: vector.name })),
);

const closing: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

describe("through the whole of the framework but the socket", () => {
  it.each(vectors)("$slug: $name", async ({ receiver, vector }) => {
    const seen: WebhookHandlerContext[] = [];
    const { status, webhooks } = await send(receiver, vector, seen, vector.secret);
    const { handshake, offeredSecret, events = [], deliveryId } = vector.expected ?? {};
    if (handshake) {
      expect(status).toBe(handshake.status);
      expect(webhooks.counts()).toMatchObject({ handshakes: 1, handled: 0 });
    } else if (offeredSecret !== undefined) expect(webhooks.counts()).toMatchObject({ handshakes: 1, handled: 0 });
    else if (vector.expected !== undefined) {
      expect({ status: Math.floor(status / 100), events: seen[0]?.events, deliveryId: seen[0]?.deliveryId }).toEqual({
        status: 2,
        events,
        deliveryId,
      });
    }
  });

  it.each(vectors.filter(({ vector }) => isDelivery(vector)))("$slug: $name, without its proof", async ({ receiver, vector }) => {
    const { verify } = receiver.configure(vector.settings ?? {});
    const kept = Object.entries(vector.headers).filter(([name]) => !verify.proofHeaders.includes(name.toLowerCase()));
    const isInHeaders = kept.length < Object.keys(vector.headers).length;
    const seen: WebhookHandlerContext[] = [];
    const bare = {
      ...vector,
      headers: Object.fromEntries(kept),
      url: verify.proofParameters.length > 0 ? vector.url.replace(/\?.*/s, "") : vector.url,
    };
    const { status } = await send(receiver, bare, seen, vector.secret);
    if (isInHeaders || verify.proofParameters.length > 0) expect(status).toBe(receiver.refusal?.status ?? 401);
    expect(isInHeaders ? seen : []).toEqual([]);
  });
});

async function send(receiver: Receiver, vector: ReceiverVector, seen: WebhookHandlerContext[], secret: string) {
  @handler()
  class Note extends WebhookHandler {
    execute(context: WebhookHandlerContext): void {
      seen.push(context);
    }
  }
  const clock = controllableClock(new Date(vector.now * 1000));
  const isOffer = vector.expected?.offeredSecret !== undefined;
  const webhooks = createWebhooks({
    receivers: [receiver],
    handlers: [Note],
    secrets: isOffer ? {} : { [receiver.name]: secret },
    settings: { [receiver.name]: vector.settings ?? {} },
    publicUrl: "https://example.test",
    remoteFetch: async ({ url }) => {
      const answer = vector.remote?.[url] ?? (vector.expected?.handshake?.confirm === url ? "" : undefined);
      if (answer === undefined) throw new Error(`nothing is recorded for ${url}`);
      const { body, headers = {} } = typeof answer === "string" ? { body: answer } : answer;
      return { headers, body: Buffer.from(body) };
    },
    queue: memoryQueue({ clock }),
    store: memoryStore({ clock }),
    logger: silentLogger,
    clock,
  });
  closing.push(() => webhooks.close({ graceMs: 0 }));
  if (isOffer) webhooks.openSetup(receiver.name, { save: () => {} });
  const { method, rawHeaders, body } = requestOf(vector);
  // Not by way of the URL: a published request has the path that its author chose.
  const where = { receiver: receiver.name, id: "default", method, url: vector.url, rawHeaders, secure: true };
  return { webhooks, ...(await webhooks.receive({ ...where, readBody: async () => body })) };
}

function isDelivery({ expected }: ReceiverVector): boolean {
  return expected !== undefined && expected.handshake === undefined && expected.offeredSecret === undefined;
}

function isLongEnough({ verify: { secret }, secretBytes: { min, max } }: Receiver, text: string): boolean {
  const bytes = secret.byteLength(text);
  return bytes >= min && bytes <= max;
}
