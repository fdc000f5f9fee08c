import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describeError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type ServerLimits, startServer, stopServer, urlOf } from "./server.ts";

/** Where and how to listen. */
export interface ListenOptions extends ServerLimits {
  /** 0 takes any free port. */
  readonly port: number;
  /** Default: every address of the machine. */
  readonly host?: string;
  /** Paths that report health and readiness, or false for none. Default `/healthz` and `/readyz`. */
  readonly health?: { readonly live?: string; readonly ready?: string } | false;
  /** How long a stop may take before what is left is cut off. Default 25,000. */
  readonly graceMs?: number;
  /** Whether SIGTERM and SIGINT stop the server and end the process. Default true. */
  readonly signals?: boolean;
}

/** A running server. */
export interface WebhookServer {
  readonly server: Server;
  readonly port: number;
  /** `http://localhost:3000`, for people and tests. */
  readonly url: string;
  /** Stops: no new connections, what is under way finishes, workers hand back what they have not begun. True if nothing was cut off. */
  close(): Promise<boolean>;
}

/** What the server starts and stops together with itself. */
export interface ListenParts {
  readonly listener: RequestListener;
  readonly logger: Logger;
  /** Whether deliveries could be taken on right now. */
  isReady(): boolean;
  start(): Promise<void>;
  /** Stops workers; resolves to whether all that they had begun was finished. */
  stopWork(graceMs: number): Promise<boolean>;
  /** Closes queue and store. */
  release(): Promise<void>;
  /** Told first, so that running handlers can be aborted when the grace is over. */
  abort(): void;
}

/** Starts workers and server, reports health, and stops in order. */
export async function listen(parts: ListenParts, options: ListenOptions): Promise<WebhookServer> {
  const { logger } = parts;
  const graceMs = options.graceMs ?? 25_000;
  const state = { stopping: false };
  await parts.start();
  let server: Server;
  try {
    server = await startServer({ ...options, listener: withHealth(parts, options, state), isStopping: () => state.stopping });
  } catch (error) {
    await parts.stopWork(0);
    await parts.release();
    throw error;
  }
  let stopped: Promise<boolean> | undefined;
  const close = (): Promise<boolean> => {
    stopped ??= stop(server, parts, state, graceMs);
    return stopped;
  };
  const removeSignals = options.signals === false ? () => {} : onSignals(close, logger);
  const url = urlOf(server);
  logger.info({ url }, "listening");
  return {
    server,
    port: (server.address() as AddressInfo).port,
    url,
    close: async () => {
      removeSignals();
      return close();
    },
  };
}

async function stop(server: Server, parts: ListenParts, state: { stopping: boolean }, graceMs: number): Promise<boolean> {
  state.stopping = true;
  parts.logger.info({}, "stopping: finishing what is under way");
  // Handlers are told shortly before connections are cut, so that they can still answer.
  const abort = setTimeout(() => parts.abort(), Math.max(graceMs / 2, graceMs - 1_000));
  // Both at once, within one grace. Queue and store stay open until the last request has been answered.
  const [served, worked] = await Promise.all([stopServer(server, graceMs, parts.logger), parts.stopWork(graceMs)]);
  clearTimeout(abort);
  await parts.release();
  parts.logger.info({}, served && worked ? "stopped" : "stopped; something was cut off");
  return served && worked;
}

function withHealth(parts: ListenParts, options: ListenOptions, state: { readonly stopping: boolean }): RequestListener {
  const paths = options.health === false ? undefined : { live: "/healthz", ready: "/readyz", ...options.health };
  return (request: IncomingMessage, response: ServerResponse) => {
    if (paths && request.url === paths.live) return report(response, true);
    if (paths && request.url === paths.ready) return report(response, !state.stopping && parts.isReady());
    return parts.listener(request, response);
  };
}

/** Says yes or no, and nothing about what is inside. */
function report(response: ServerResponse, ok: boolean): void {
  response.writeHead(ok ? 200 : 503, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  response.end(JSON.stringify({ status: ok ? "ok" : "unavailable" }));
}

/** Stops on the first signal and exits 0, or 1 if something was cut off; the second signal exits at once. */
function onSignals(close: () => Promise<boolean>, logger: Logger): () => void {
  let asked = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(1);
    asked = true;
    logger.info({ signal }, "signal received");
    close().then(
      (clean) => process.exit(clean ? 0 : 1),
      (error: unknown) => {
        logger.error({ error: describeError(error) }, "could not stop cleanly");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return () => {
    process.off("SIGTERM", onSignal);
    process.off("SIGINT", onSignal);
  };
}
