// The application under fault: a receiver, a handler that looks, a queue handler with an effect; all of it behind fail points.
import { appendFileSync } from "node:fs";
import Koa from "koa";
import { createWebhooks, handler, type Logger, WebhookHandler, type WebhookQueueContext, WebhookQueueHandler } from "../../src/index.ts";
import type { Queue } from "../../src/queue/queue.ts";
import type { Receiver } from "../../src/receiver/index.ts";
import type { Store } from "../../src/store/store.ts";
import { openQueue, type QueueSpec } from "../queue/open-queue.ts";
import { type EffectsPlace, openEffects } from "./effects.ts";
import { FailPoints, replacing, say } from "./fail-points.ts";
import { deliveryIdIn } from "./head.ts";
import { times } from "./points.ts";
import { provider } from "./provider.ts";

/** What the application is told when it starts. */
export interface ApplicationOptions {
  /** A file, or the URL of PostgreSQL. */
  readonly database: string;
  /** Where the queue is, if it is not there. */
  readonly queue?: QueueSpec;
  readonly effects: EffectsPlace;
  /** The file to which every attempt is appended when it is claimed and when it begins. */
  readonly attempts: string;
  readonly secret: string;
  readonly maxAttempts: number;
  readonly fillDirectory?: string;
}

const options = JSON.parse(process.argv[2] ?? "") as ApplicationOptions;
const points = new FailPoints(options.fillDirectory);
const makeEffect = openEffects(options.effects, points);

class Look extends WebhookHandler {
  override async execute(): Promise<void> {
    await points.pass("handlers run");
  }
}
handler({ name: "look", events: "looked", order: 10 })(Look);

class Work extends WebhookQueueHandler {
  override async process(context: WebhookQueueContext): Promise<void> {
    noteAttempt("begun", context.deliveryId ?? "", context.attempt);
    await points.pass("handler started");
    await makeEffect(context);
    await points.pass("effect committed");
  }
}
handler({ name: "work", events: ["work", "looked", "poison"] })(Work);

/** Written at once, for the test to read whatever becomes of this process. */
function noteAttempt(what: "claimed" | "begun", deliveryId: string, attempt: number): void {
  appendFileSync(options.attempts, `${what} ${deliveryId} ${attempt}\n`);
}

function withPoints(receiver: Receiver): Receiver {
  const { verify } = receiver;
  const verifyBehindPoints: typeof verify.verify = async (...request) => {
    await points.pass("body read");
    const verification = await verify.verify(...request);
    await points.pass("verified");
    return verification;
  };
  return { ...receiver, verify: { ...verify, verify: verifyBehindPoints } };
}

function withPointsAtQueue(queue: Queue): Queue {
  return replacing(queue, {
    send: async (job) => {
      await points.pass("before the hand-over");
      await queue.send(job);
      await points.pass("after the hand-over");
    },
    claim: async (claim) => {
      const { settle = [] } = claim;
      const settles = settle.length > 0;
      // A retry is due at a date, which a jump of the clock between its making and its storing moves as far.
      if (settles) await points.pass("before the settlement", { hasDates: settle.some(({ outcome }) => outcome === "retry") });
      const result = await queue.claim(claim);
      for (const { head, attempt } of result.jobs) noteAttempt("claimed", deliveryIdIn(head), attempt);
      if (settles) await points.pass("after the settlement");
      if (result.jobs.length > 0) await points.pass("claimed");
      return result;
    },
  });
}

function withPointsAtStore(store: Store): Store {
  return replacing(store, {
    acceptDelivery: async (acceptance) => {
      await points.pass("before the commit");
      const result = await store.acceptDelivery(acceptance);
      await points.pass("after the commit");
      return result;
    },
  });
}

async function openParts(): Promise<{ readonly queue: Queue; readonly store: Store }> {
  const { database, queue } = options;
  const { clock } = points;
  if (database.startsWith("postgres:")) {
    const [{ postgresQueue }, { postgresStore }] = await Promise.all([
      import("../../src/queue/drivers/postgres.ts"),
      import("../../src/store/drivers/postgres.ts"),
    ]);
    return { queue: postgresQueue({ connection: database, clock }), store: postgresStore({ connection: database, clock }) };
  }
  const [{ sqliteQueue }, { sqliteStore }] = await Promise.all([
    import("../../src/queue/drivers/sqlite.ts"),
    import("../../src/store/drivers/sqlite.ts"),
  ]);
  const store = sqliteStore({ file: database, clock });
  return { queue: queue ? await openQueue(queue) : sqliteQueue({ file: database, clock }), store };
}

/** What the test shows when a run has failed. */
const logger: Logger = {
  debug() {},
  info() {},
  warn: (fields, message) => console.error("warn", message, JSON.stringify(fields)),
  error: (fields, message) => console.error("error", message, JSON.stringify(fields)),
};

const parts = await openParts();
const webhooks = createWebhooks({
  receivers: [withPoints(provider)],
  handlers: [Look, Work],
  secrets: { provider: options.secret },
  queue: withPointsAtQueue(parts.queue),
  store: withPointsAtStore(parts.store),
  clock: points.clock,
  logger,
  limits: { handlersTimeoutMs: 1_000, duplicateWaitMs: 1_000 },
  worker: { leaseMs: times.lease, pollMs: 50, maxAttempts: options.maxAttempts, backoff: { baseMs: 20, capMs: 50 }, concurrency: 4 },
});
const app = new Koa();
app.use(async (ctx, next) => {
  ctx.res.on("finish", () => void points.pass("answered"));
  await points.pass("headers read");
  await next();
});
app.use(webhooks.routes());
const server = await webhooks.listen(app, { port: 0, host: "127.0.0.1", signals: false });
process.on("SIGTERM", async () => {
  await server.close();
  process.exit(0);
});
say("listening", server.port);
