import type { Clock } from "./clock.ts";
import { Faults } from "./options.ts";
import { Budget } from "./koa/budget.ts";
import { type ListenOptions, listen, type WebhookServer } from "./koa/listen.ts";
import { createRoutes, type KoaApplication, type KoaMiddleware } from "./koa/routes.ts";
import { type Counts, Counters } from "./pipeline/counters.ts";
import { Deduplicator } from "./pipeline/deduplicate.ts";
import { jobOf, processJob, processSerialized } from "./pipeline/jobs.ts";
import { createPlanner, createSteps, type Step } from "./pipeline/plan.ts";
import type { SerializedDelivery } from "./pipeline/queue-context.ts";
import { createReceive, type Receive } from "./pipeline/receive.ts";
import { Rejections } from "./pipeline/rejections.ts";
import { runPlan } from "./pipeline/run.ts";
import type { JobPage, Queue } from "./queue/queue.ts";
import { exponentialBackoff } from "./queue/backoff.ts";
import { createWorker, type QueueWorker } from "./queue/worker.ts";
import type { Receiver } from "./receiver/index.ts";
import type { Store } from "./store/store.ts";
import { checkOptions, checkPrefix, defaultPrefix, type WebhooksOptions } from "./webhooks-options.ts";

/** Dead letters: jobs that failed as often as they may. */
export interface DeadLetters {
  list(query?: { readonly limit?: number; readonly after?: string }): Promise<JobPage>;
  /** Makes them due again with a fresh count of attempts; answers how many. */
  retry(ids: readonly string[] | "all"): Promise<number>;
  /** Deletes them for good; answers how many. */
  purge(ids: readonly string[] | "all"): Promise<number>;
}

/** The framework, wired. */
export interface Webhooks {
  /** The middleware that receives. Mount it before any body parser. */
  routes(options?: { readonly prefix?: string }): KoaMiddleware;
  /** Starts workers and a hardened server for the app; stops both on SIGTERM. */
  listen(app: KoaApplication, options: number | ListenOptions): Promise<WebhookServer>;
  /** Starts the workers alone, where something else serves the app. */
  start(): Promise<void>;
  /** Stops the workers and closes queue and store. True if all running work finished within `graceMs` (default 25,000). */
  close(options?: { readonly graceMs?: number }): Promise<boolean>;
  /** Runs one request without HTTP; what `deliver()` of the test kit calls. */
  readonly receive: Receive;
  /** Processes a delivery that came through a queue of your own, as `context.toJSON()` wrote it. */
  process(delivery: SerializedDelivery, run?: { readonly attempt?: number; readonly signal?: AbortSignal }): Promise<void>;
  readonly deadLetters: DeadLetters;
  /** What became of the requests so far. */
  counts(): Counts;
}

/**
 * Wires receivers, handlers, secrets, queue and store.
 *
 * @throws ConfigurationError `invalid_options`, listing every fault with its path.
 */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { receivers, container, limits, logger, clock, keysOf, settingsOf, baseUrlOf } = checkOptions(options);
  const byName = new Map(receivers.map((receiver) => [receiver.name, receiver]));
  const findReceiver = (name: string): Receiver | undefined => byName.get(name);
  const maxBytesOf = (receiver: Receiver): number => settingsOf(receiver).maxBytes;
  const stopping = new AbortController();
  const counters = new Counters();
  const engine = createEngine(options, clock);

  let steps: readonly Step[] | undefined;
  const stepsOnce = (): readonly Step[] => {
    steps ??= createSteps(options.handlers ?? [], container);
    return steps;
  };
  let planOf: ReturnType<typeof createPlanner> | undefined;

  const receive = createReceive({
    findReceiver,
    settingsOf,
    keysOf,
    planOf: (...of) => {
      planOf ??= createPlanner(stepsOnce());
      return planOf(...of);
    },
    run: (plan, delivery, receiver, identity, progress) =>
      runPlan(plan, delivery, {
        receiver,
        container,
        progress,
        timeoutMs: limits.handlersTimeoutMs,
        stopping: stopping.signal,
        enqueue: async (step, stored) => (await engine.queue()).send(jobOf(step, stored, identity)),
      }),
    deduplicator: new Deduplicator({
      store: () => engine.store(),
      clock,
      logger,
      retentionMs: options.rememberMs ?? 7 * 24 * 60 * 60 * 1000,
      leaseMs: limits.handlersTimeoutMs + 30_000,
      waitMs: limits.duplicateWaitMs,
    }),
    counters,
    rejections: new Rejections(clock),
    limits,
    clock,
    logger,
  });

  const jobOptions = () => ({ findReceiver, steps: stepsOnce(), container, limits, maxBytesOf });
  let worker: QueueWorker | undefined;
  const startWorker = async (): Promise<void> => {
    if (options.worker === false || !stepsOnce().some((step) => step.isQueueHandler)) return;
    const queue = await engine.queue();
    // A database that cannot be opened shows now, and not with the first delivery.
    await queue.list({ state: "open", limit: 0 });
    const { backoff, ...workerOptions } = options.worker ?? {};
    worker = createWorker({
      ...workerOptions,
      ...(backoff ? { backoff: exponentialBackoff(backoff) } : {}),
      queue,
      clock,
      logger,
      process: (job, signal) => processJob(job, signal, jobOptions()),
    });
    worker.start();
  };
  let starting: Promise<void> | undefined;
  const start = async (): Promise<void> => {
    // Calls that come together share one start; one that failed may be tried again.
    starting ??= startWorker().catch((error: unknown) => {
      starting = undefined;
      throw error;
    });
    await starting;
  };
  const stopWork = async (graceMs: number): Promise<boolean> => {
    await starting?.catch(() => {});
    const result = await worker?.close({ graceMs });
    worker = undefined;
    starting = undefined;
    return result?.drained ?? true;
  };

  let isMounted = false;
  return {
    routes: ({ prefix = options.prefix ?? defaultPrefix } = {}) => {
      const faults = new Faults();
      checkPrefix(prefix, faults);
      faults.throwIfAny();
      stepsOnce();
      isMounted = true;
      return createRoutes({ prefix, receive, baseUrlOf: (name) => baseUrlOf(byName.get(name)), budget: new Budget(limits), counters, limits, logger });
    },
    listen: (app, where) => {
      if (!isMounted) logger.warn({}, "nothing will be received: `app.use(webhooks.routes())` is missing");
      const listenOptions = typeof where === "number" ? { port: where } : where;
      const isReady = (): boolean => worker?.status().state !== "paused";
      const parts = { listener: app.callback(), logger, start, stopWork, release: engine.close, abort: () => stopping.abort(), isReady };
      return listen(parts, listenOptions);
    },
    start,
    close: async ({ graceMs = 25_000 } = {}) => {
      const isDrained = await stopWork(graceMs);
      await engine.close();
      return isDrained;
    },
    receive,
    process: (delivery, run = {}) => processSerialized(delivery, { attempt: run.attempt ?? 1, signal: run.signal ?? stopping.signal }, jobOptions()),
    deadLetters: {
      list: async (query = {}) => (await engine.queue()).list({ ...query, state: "dead" }),
      retry: async (ids) => (await engine.queue()).retry(ids),
      purge: async (ids) => (await engine.queue()).purge(ids),
    },
    counts: () => counters.read(),
  };
}

/** Queue and store, opened when first needed. What is not injected is the embedded database, loaded only then. */
function createEngine(options: WebhooksOptions, clock: Clock) {
  const file = options.database ?? "hookwright.db";
  let queue: Promise<Queue> | undefined;
  let store: Promise<Store> | undefined;
  const openQueue = async (): Promise<Queue> => options.queue ?? (await import("./queue/drivers/sqlite.ts")).sqliteQueue({ file, clock });
  const openStore = async (): Promise<Store> => {
    if (options.store) return options.store;
    const inMemory = options.queue !== undefined && options.database === undefined;
    return inMemory ? (await import("./store/drivers/memory.ts")).memoryStore({ clock }) : (await import("./store/drivers/sqlite.ts")).sqliteStore({ file, clock });
  };
  return {
    queue: (): Promise<Queue> => (queue ??= openQueue()),
    store: (): Promise<Store> => (store ??= openStore()),
    close: async (): Promise<void> => {
      await Promise.all([queue?.then((one) => one.close()), store?.then((one) => one.close())]);
    },
  };
}
