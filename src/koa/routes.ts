import type { IncomingMessage } from "node:http";
import Router from "@koa/router";
import type Koa from "koa";
import type { Context, Middleware } from "koa";
import { RequestError, WebhookError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Limits } from "../options.ts";
import { type Answer, answerToError, errorFields } from "../pipeline/answer.ts";
import type { Counters } from "../pipeline/counters.ts";
import type { IncomingWebhook, Receive } from "../pipeline/receive.ts";
import { defaultId } from "../receiver/index.ts";
import type { Budget } from "./budget.ts";
import { expectedBytes, readBody } from "./read-body.ts";
import { RefusalLog, refusalAnswer, retryAfter, type Shortage } from "./refusals.ts";

/** An application, as `new Koa()` makes it. */
export type KoaApplication = Koa;

/** What `app.use()` takes. */
export type KoaMiddleware = Middleware;

/** What the HTTP edge needs. */
export interface RoutesOptions {
  readonly prefix: string;
  readonly receive: Receive;
  /** The address that a provider calls a receiver at, without the path. */
  readonly baseUrlOf: (receiver: string) => string;
  readonly budget: Budget;
  readonly counters: Counters;
  readonly limits: Limits;
  readonly logger: Logger;
}

/** The Koa middleware: everything below the prefix is a webhook or 404, everything else goes on to the next. */
export function createRoutes(options: RoutesOptions): Middleware {
  const pattern = `${options.prefix}/:receiver{/:id}`;
  // The router's grammar for the path, without its dispatch: there is one route, and it takes every method.
  const route = new Router().all(pattern, () => {}).stack[0];
  if (!route) throw new TypeError(`The router made no route of ${pattern}.`);
  const refusals = new RefusalLog(options.logger);
  return async (ctx, next) => {
    const captures = route.captures(ctx.path);
    if (captures.length === 0) return next();
    const { receiver = "", id = defaultId } = route.params(ctx.path, captures) as { receiver?: string; id?: string };
    ctx["_matchedRoute"] = pattern;
    try {
      checkHeaders(ctx, options.limits.maxHeaders);
    } catch (thrown) {
      return send(ctx, refuse(thrown, options));
    }
    const shortage = options.budget.enter();
    if (shortage) return sendAway(ctx, shortage, options.counters, refusals);
    const webhook = new KoaWebhook(ctx, receiver.toLowerCase(), id.toLowerCase(), options, refusals);
    try {
      send(ctx, await options.receive(webhook));
    } finally {
      options.budget.free(webhook.reservedBytes);
      options.budget.leave();
    }
  };
}

/** A Koa request as the journey sees it. */
class KoaWebhook implements IncomingWebhook {
  readonly receiver: string;
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly secure: boolean;
  /** What the body takes of the budget. */
  reservedBytes = 0;
  readonly #ctx: Context;
  readonly #budget: Budget;
  readonly #refusals: RefusalLog;

  constructor(ctx: Context, receiver: string, id: string, { baseUrlOf, budget }: RoutesOptions, refusals: RefusalLog) {
    this.receiver = receiver;
    this.id = id;
    this.method = ctx.method;
    this.url = baseUrlOf(receiver) + pathOf(ctx.originalUrl);
    this.rawHeaders = ctx.req.rawHeaders;
    this.secure = isSecure(ctx);
    this.#ctx = ctx;
    this.#budget = budget;
    this.#refusals = refusals;
  }

  readBody(maxBytes: number): Promise<Buffer> {
    const bytes = expectedBytes(this.#ctx.req, maxBytes);
    if (!this.#budget.reserve(bytes)) {
      this.#refusals.add("bytes");
      throw new RequestError("overloaded", undefined, { headers: retryAfter() });
    }
    this.reservedBytes = bytes;
    return readBody(this.#ctx.req, maxBytes);
  }
}

/** Refusals that come before the journey begins. */
function refuse(thrown: unknown, { counters, logger }: RoutesOptions): Answer {
  if (!(thrown instanceof WebhookError)) throw thrown;
  counters.add(thrown.status >= 500 ? "failed" : "rejected");
  logger.warn(errorFields(thrown), thrown.message);
  return answerToError(thrown);
}

/** A process that has no room left says so as cheaply as it can. */
async function sendAway(ctx: Context, shortage: Shortage, counters: Counters, refusals: RefusalLog): Promise<void> {
  counters.add("failed");
  refusals.add(shortage);
  // When what has arrived has been read on to its end, the body is mostly there, and the connection can be kept.
  await undefined;
  send(ctx, refusalAnswer());
}

function checkHeaders(ctx: Context, maxHeaders: number): void {
  // Node.js drops lines past its own maximum without a word; a signature could be among them.
  if (ctx.req.rawHeaders.length > maxHeaders * 2) throw new RequestError("too_many_headers");
  const coding = ctx.req.headers["transfer-encoding"];
  if (coding !== undefined && coding.trim().toLowerCase() !== "chunked") throw new RequestError("bad_framing");
}

/** TLS here, TLS at a proxy that Koa's `app.proxy` trusts, or a caller on this machine that no proxy speaks for. */
function isSecure(ctx: Context): boolean {
  if (ctx.protocol === "https") return true;
  if (ctx.app.proxy && ctx.get("x-forwarded-proto") + ctx.get("x-forwarded-for") !== "") return false;
  const address = ctx.req.socket.remoteAddress ?? "";
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}

/** Path and query of a request target; an absolute one loses its host, which a stranger chose. */
function pathOf(target: string): string {
  if (target.startsWith("/")) return target;
  const path = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? "";
  return path.startsWith("/") ? path : `/${path}`;
}

function send(ctx: Context, answer: Answer): void {
  if (answer.status === 413 || !(ctx.req.complete || isWorthReading(ctx.req, answer.status))) ctx.set("connection", "close");
  for (const name in answer.headers) ctx.set(name, answer.headers[name] ?? "");
  if (answer.body.length === 0) {
    ctx.body = null;
    ctx.status = answer.status;
    return;
  }
  ctx.status = answer.status;
  // Set before the body, from whose first character Koa would guess HTML.
  if (!ctx.res.hasHeader("content-type")) ctx.set("content-type", "text/plain; charset=utf-8");
  ctx.body = typeof answer.body === "string" ? answer.body : Buffer.from(answer.body);
}

/** The largest body that is read and thrown away, to keep the connection of a request that is to come again. */
const maxBytesThrownAway = 64 * 1024;

/** A client that asked whether to send its body may send it or not, so where the next request begins would be a guess. RFC 9110, 10.1.1. */
function isWorthReading({ headers }: IncomingMessage, status: number): boolean {
  return status === 503 && headers.expect === undefined && Number(headers["content-length"]) <= maxBytesThrownAway;
}
