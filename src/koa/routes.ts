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
  return async (ctx, next) => {
    const captures = route.captures(ctx.path);
    if (captures.length === 0) return next();
    const { receiver = "", id = defaultId } = route.params(ctx.path, captures) as { receiver?: string; id?: string };
    ctx["_matchedRoute"] = pattern;
    try {
      checkHeaders(ctx, options.limits.maxHeaders);
      options.budget.enter();
    } catch (thrown) {
      return send(ctx, refuse(thrown, options));
    }
    const webhook = new KoaWebhook(ctx, receiver.toLowerCase(), id.toLowerCase(), options);
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

  constructor(ctx: Context, receiver: string, id: string, options: RoutesOptions) {
    this.receiver = receiver;
    this.id = id;
    this.method = ctx.method;
    this.url = options.baseUrlOf(receiver) + pathOf(ctx.originalUrl);
    this.rawHeaders = ctx.req.rawHeaders;
    this.secure = isSecure(ctx);
    this.#ctx = ctx;
    this.#budget = options.budget;
  }

  readBody(maxBytes: number): Promise<Buffer> {
    const bytes = expectedBytes(this.#ctx.req, maxBytes);
    this.#budget.reserve(bytes);
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
  // What is left of an unread body must not be taken for the next request.
  if (!ctx.req.complete || answer.status === 413) ctx.set("connection", "close");
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
