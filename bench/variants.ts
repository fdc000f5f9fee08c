import { createHmac, timingSafeEqual } from "node:crypto";
import type { RequestListener } from "node:http";
import { DatabaseSync } from "node:sqlite";
import Router from "@koa/router";
import { createNodeMiddleware, Webhooks as OctokitWebhooks } from "@octokit/webhooks";
import express from "express";
import { createWebhooks, handler, type Queue, silentLogger, WebhookHandler, WebhookQueueHandler } from "hookwright";
import { memoryQueue } from "hookwright/queue/memory";
import { github } from "hookwright/receivers/github";
import { memoryStore } from "hookwright/store/memory";
import Koa from "koa";
import getRawBody from "raw-body";
import { secret } from "./payloads.ts";
import { path } from "./variants-path.ts";

/** One server to measure: its listener, and what it keeps open. */
export interface Variant {
  readonly listener: RequestListener;
  close(): Promise<void>;
}

/** Every variant by name; `file` is a database that it may write. */
export const variants = {
  "hand-1": () => handWritten(1),
  "hand-3": () => handWritten(3),
  "hookwright-1": () => hookwright(1),
  "hookwright-3": () => hookwright(3),
  octokit: () => octokit(),
  express: () => expressApp(),
  "durable-none": () => durable({ queue: acceptAndDrop(), deduplicate: false }),
  "durable-hookwright": (file: string) => durable({ file, deduplicate: true }),
  "durable-hookwright-no-dedup": (file: string) => durable({ file, deduplicate: false }),
  "durable-unbatched": (file: string) => unbatched(file),
} as const satisfies Record<string, (file: string) => Variant>;

/** Name of a variant. */
export type VariantName = keyof typeof variants;

const nothing = async (): Promise<void> => {};

type Keep = (ctx: Koa.Context, body: Buffer) => void;

/** What a careful developer writes by hand: Koa, router, raw-body, HMAC on the bytes, parse, call the handlers, keep it. */
function handWritten(count: number, keep: Keep = () => {}, close = nothing): Variant {
  const handlers = Array.from({ length: count }, () => ({ execute: async (_event: string, _data: unknown): Promise<void> => {} }));
  const app = new Koa();
  const router = new Router();
  router.post("/api/webhooks/incoming/:receiver", async (ctx) => {
    const body = await getRawBody(ctx.req, { length: ctx.req.headers["content-length"] ?? null, limit: 1024 * 1024 });
    if (!verify(body, ctx.get("x-hub-signature-256"))) {
      ctx.status = 401;
      return;
    }
    const data: unknown = JSON.parse(body.toString("utf8"));
    for (const one of handlers) await one.execute(ctx.get("x-github-event"), data);
    keep(ctx, body);
    ctx.status = 200;
    ctx.body = "";
  });
  app.use(router.routes());
  return { listener: app.callback(), close };
}

function hookwright(count: number): Variant {
  const handlers = Array.from({ length: count }, (_, index) => {
    class NoOp extends WebhookHandler {
      async execute(): Promise<void> {}
    }
    handler({ order: index, name: `no-op-${index}` })(NoOp);
    return NoOp;
  });
  const webhooks = createWebhooks({ receivers: [github], handlers, secrets: { github: secret }, logger: silentLogger });
  const app = new Koa();
  app.use(webhooks.routes());
  return { listener: app.callback(), close: async () => void (await webhooks.close()) };
}

function octokit(): Variant {
  const webhooks = new OctokitWebhooks({ secret, log: silentLogger as never });
  for (let i = 0; i < 3; i++) webhooks.on("push", async () => {});
  const middleware = createNodeMiddleware(webhooks, { path, log: silentLogger as never });
  return { listener: (request, response) => void middleware(request, response), close: nothing };
}

function expressApp(): Variant {
  const app = express();
  app.post("/api/webhooks/incoming/:receiver", express.raw({ type: "*/*", limit: "1mb" }), async (request, response) => {
    const body = request.body as Buffer;
    if (!verify(body, request.get("x-hub-signature-256") ?? "")) {
      response.status(401).end();
      return;
    }
    JSON.parse(body.toString("utf8"));
    for (let i = 0; i < 3; i++) await nothing();
    response.status(200).end();
  });
  return { listener: app, close: nothing };
}

function durable(options: { readonly queue?: Queue; readonly file?: string; readonly deduplicate: boolean }): Variant {
  class Work extends WebhookQueueHandler {
    process(): void {}
  }
  handler({ name: "work" })(Work);
  const webhooks = createWebhooks({
    receivers: [github],
    handlers: [Work],
    secrets: { github: secret },
    logger: silentLogger,
    settings: { github: { deduplicate: options.deduplicate } },
    ...(options.queue ? { queue: options.queue, store: memoryStore() } : {}),
    ...(options.file ? { database: options.file } : {}),
  });
  const app = new Koa();
  app.use(webhooks.routes());
  return { listener: app.callback(), close: async () => void (await webhooks.close()) };
}

/** A queue that keeps nothing: the receive path without a store. */
function acceptAndDrop(): Queue {
  return Object.assign(memoryQueue(), { send: nothing });
}

/** The usual way: one durable insert, one transaction, for every request, on the main thread. */
function unbatched(file: string): Variant {
  const database = new DatabaseSync(file);
  database.exec(
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE jobs (id TEXT PRIMARY KEY, event TEXT, received INTEGER, body BLOB)",
  );
  const insert = database.prepare("INSERT INTO jobs VALUES (?, ?, ?, ?)");
  const keep: Keep = (ctx, body) => void insert.run(ctx.get("x-github-delivery"), ctx.get("x-github-event"), Date.now(), body);
  return handWritten(1, keep, async () => database.close());
}

function verify(body: Buffer, header: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  const given = Buffer.from(header);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
