// The application under load, in a process of its own: one receiver, a worker, a real database. The test asks it how it is over IPC.
import Koa from "koa";
import { github } from "../../receivers/github.ts";
import {
  createWebhooks,
  handler,
  type Logger,
  WebhookHandler,
  type WebhookHandlerContext,
  type WebhookQueueContext,
  WebhookQueueHandler,
  type WebhooksOptions,
} from "../../src/index.ts";

/** What a test sets. */
export interface AppSettings {
  readonly database: string;
  /** The schema, where the database is a server. */
  readonly schema?: string;
  readonly secret: string;
  readonly limits?: WebhooksOptions["limits"];
  readonly requestTimeoutMs?: number;
  /** What a handler that runs in the request takes: it lowers the capacity without taking the processor from the load. Default 0. */
  readonly inlineMs?: number;
  /** What it takes from the processor, in the request too. Default 0. */
  readonly burnMs?: number;
  readonly rememberMs?: number;
  /** Whether to keep the id of each delivery that was worked on; a soak only counts. */
  readonly keepsIds?: boolean;
  /** Deletes dead letters so often. */
  readonly purgeEveryMs?: number;
}

/** How the application is. */
export interface AppState {
  /** Bytes, after a garbage collection where the process was started with --expose-gc. */
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
  /** The largest resident set that a sample every 100 ms has seen. */
  readonly peakRss: number;
  /** Jobs whose work was done, and the ids if they are kept. */
  readonly worked: number;
  readonly ids: readonly string[];
  readonly failures: number;
  readonly purged: number;
  readonly deadLetters: number;
  /** Log lines of the levels warn and error. */
  readonly lines: number;
}

const settings = JSON.parse(process.argv[2] ?? "{}") as AppSettings;
const counts = { worked: 0, failures: 0, purged: 0, lines: 0, peakRss: 0 };
const ids: string[] = [];

class Pause extends WebhookHandler {
  override execute(_context: WebhookHandlerContext): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, settings.inlineMs));
  }
}
handler({ name: "pause", order: -1 })(Pause);

class Burn extends WebhookHandler {
  override execute(_context: WebhookHandlerContext): void {
    for (const end = performance.now() + (settings.burnMs ?? 0); performance.now() < end; );
  }
}
handler({ name: "burn", order: -1 })(Burn);

class Work extends WebhookQueueHandler {
  override process({ deliveryId, events }: WebhookQueueContext): void {
    if (events[0] === "fork") {
      counts.failures++;
      throw new Error("this delivery always fails");
    }
    counts.worked++;
    if (settings.keepsIds) ids.push(deliveryId ?? "");
  }
}
handler({ name: "work" })(Work);

const count = (): void => void counts.lines++;
const logger: Logger = { debug: () => {}, info: () => {}, warn: count, error: count, isLevelEnabled: () => false };

const webhooks = createWebhooks({
  receivers: [github],
  handlers: [...(settings.inlineMs ? [Pause] : []), ...(settings.burnMs ? [Burn] : []), Work],
  secrets: { github: settings.secret },
  ...(await engineOptions()),
  ...(settings.limits ? { limits: settings.limits } : {}),
  ...(settings.rememberMs ? { rememberMs: settings.rememberMs } : {}),
  logger,
  worker: { maxAttempts: 2, backoff: { baseMs: 50, capMs: 50 } },
});
const app = new Koa();
app.use(webhooks.routes());
const { requestTimeoutMs } = settings;
const server = await webhooks.listen(app, { port: 0, host: "127.0.0.1", ...(requestTimeoutMs ? { requestTimeoutMs } : {}) });

setInterval(() => {
  counts.peakRss = Math.max(counts.peakRss, process.memoryUsage.rss());
}, 100);
if (settings.purgeEveryMs) {
  setInterval(() => {
    void webhooks.deadLetters.purge("all").then((purged) => {
      counts.purged += purged;
    });
  }, settings.purgeEveryMs);
}
process.on("message", () => void state().then((answer) => process.send?.(answer)));
process.on("disconnect", () => process.exit(1)); // the test is gone
process.send?.({ port: server.port });

/** A schema of the test's own cannot be named in `database`. */
async function engineOptions(): Promise<Partial<WebhooksOptions>> {
  const { database, schema } = settings;
  if (schema === undefined) return { database };
  const { postgresQueue } = await import("../../src/queue/drivers/postgres.ts");
  const { postgresStore } = await import("../../src/store/drivers/postgres.ts");
  return { queue: postgresQueue({ connection: database, schema }), store: postgresStore({ connection: database, schema }) };
}

async function state(): Promise<AppState> {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const deadLetters = (await webhooks.deadLetters.list({ limit: 1 })).total ?? 0;
  return { ...counts, rss, heap: heapUsed, external, ids, deadLetters };
}
