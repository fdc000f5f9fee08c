import { isWebhookError } from "./errors.ts";
import { Budget } from "./koa/budget.ts";
import { type ListenOptions, listen, type WebhookServer } from "./koa/listen.ts";
import { createRoutes, type KoaApplication, type KoaMiddleware } from "./koa/routes.ts";
import type { Logger } from "./logger.ts";
import { Faults } from "./options.ts";
import { Counters, type Counts } from "./pipeline/counters.ts";
import { Deduplicator } from "./pipeline/deduplicate.ts";
import type { Delivery } from "./pipeline/delivery.ts";
import type { HandlerClass } from "./pipeline/handler.ts";
import { type JobOptions, jobOf, processJob, processSerialized } from "./pipeline/jobs.ts";
import { createPlanner, createSteps, nameOf, receiversOf, type Step } from "./pipeline/plan.ts";
import type { SerializedDelivery } from "./pipeline/queue-context.ts";
import { createReceive, type Receive } from "./pipeline/receive.ts";
import { Rejections } from "./pipeline/rejections.ts";
import { createRemoteDocuments } from "./pipeline/remote-documents.ts";
import { runPlan } from "./pipeline/run.ts";
import type { KeyLookup } from "./pipeline/secret-lookup.ts";
import { type SetupOptions, SetupWindows } from "./pipeline/setup-windows.ts";
import { exponentialBackoff } from "./queue/backoff.ts";
import type { JobPage, LeasedJob, NewJob } from "./queue/queue.ts";
import { createWorker, type QueueWorker } from "./queue/worker.ts";
import { defaultId, type Receiver, type RemoteDocuments, type RemoteFetch } from "./receiver/index.ts";
import { createEngine, type Engine } from "./webhooks-engine.ts";
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
  /**
   * Opens a set-up window for a provider that chooses the secret itself and hands it over: for ten minutes, the first request
   * that brings one is believed, and `save` is given the secret. This process uses it at once; others once they find it.
   *
   * @throws TypeError if the receiver is not registered or its provider hands over no secret.
   * @example webhooks.openSetup("tickets", { id: "acme", save: (secret) => vault.write("tickets/acme", secret) });
   */
  openSetup(receiver: string, options: SetupOptions): void;
  /** What became of the requests so far. */
  counts(): Counts;
}

/**
 * Wires receivers, handlers, secrets, queue and store.
 *
 * @throws ConfigurationError `invalid_options`, listing every fault with its path.
 */
export function createWebhooks<const Receivers extends readonly Receiver[]>(options: WebhooksOptions<Receivers>): Webhooks {
  const checked = checkOptions(options);
  const { limits, logger } = checked;
  const byName = receiversByName(checked.receivers);
  const counters = new Counters();
  const stopping = new AbortController();
  const parts: Parts = {
    options,
    ...checked,
    findReceiver: (name) => byName.get(name),
    engine: createEngine({ options, ...checked }),
    steps: once(() => {
      checked.constructSources();
      warnOfUnknownReceivers(options.handlers ?? [], byName, logger);
      return createSteps(options.handlers ?? [], checked.container);
    }),
    setups: new SetupWindows(checked.clock),
    remoteFetch: options.remoteFetch ?? guardedFetch(),
    stopping: stopping.signal,
  };
  warnOfUnverified(parts);
  const deduplicator = createDeduplicator(parts);
  const release = async (): Promise<void> => {
    await deduplicator.settled();
    await parts.engine.close();
  };
  const receive = createJourney(parts, counters, deduplicator);
  const work = createWork(parts);

  let isMounted = false;
  return {
    routes: ({ prefix = options.prefix ?? defaultPrefix } = {}) => {
      const faults = new Faults();
      checkPrefix(prefix, faults);
      faults.throwIfAny();
      parts.steps();
      isMounted = true;
      const baseUrlOf = (name: string): string => checked.baseUrlOf(byName.get(name));
      return createRoutes({ prefix, receive, baseUrlOf, budget: new Budget(limits), counters, limits, logger });
    },
    listen: (app, where) => {
      if (!isMounted) logger.warn({}, "nothing will be received: `app.use(webhooks.routes())` is missing");
      const { start, stop: stopWork, isReady } = work;
      const listening = { listener: app.callback(), logger, start, stopWork, release, abort: () => stopping.abort(), isReady };
      return listen(listening, typeof where === "number" ? { port: where } : where);
    },
    start: work.start,
    close: async ({ graceMs = 25_000 } = {}) => {
      const isDrained = await work.stop(graceMs);
      await release();
      return isDrained;
    },
    receive,
    process: (delivery, { attempt = 1, signal = stopping.signal } = {}) =>
      processSerialized(delivery, { attempt, signal }, jobOptionsOf(parts)),
    deadLetters: {
      list: async (query = {}) => (await parts.engine.queue()).list({ ...query, state: "dead" }),
      retry: async (ids) => (await parts.engine.queue()).retry(ids),
      purge: async (ids) => (await parts.engine.queue()).purge(ids),
    },
    openSetup: (name, setup) => {
      const receiver = byName.get(name);
      if (!receiver) throw new TypeError(`openSetup: the receiver ${name} is not registered.`);
      if (!receiver.handshakes.some(({ proof }) => proof === "setup"))
        throw new TypeError(`openSetup: ${receiver.title} hands over no secret.`);
      parts.setups.open(receiver, (setup.id ?? defaultId).toLowerCase(), setup);
    },
    counts: () => counters.read(),
  };
}

/** Receivers under their names and, where no other has that name, their aliases. */
function receiversByName(receivers: readonly Receiver[]): ReadonlyMap<string, Receiver> {
  const aliases = receivers.flatMap((receiver) => receiver.aliases.map((alias): [string, Receiver] => [alias, receiver]));
  return new Map([...aliases, ...receivers.map((receiver): [string, Receiver] => [receiver.name, receiver])]);
}

/** What the wiring is made of. */
interface Parts extends ReturnType<typeof checkOptions> {
  readonly options: WebhooksOptions;
  readonly findReceiver: (name: string) => Receiver | undefined;
  readonly engine: Engine;
  /** The handlers, constructed when first asked for. */
  readonly steps: () => readonly Step[];
  readonly setups: SetupWindows;
  readonly remoteFetch: RemoteFetch;
  readonly stopping: AbortSignal;
}

/** The guarded client, loaded when the first receiver needs a provider's key. */
function guardedFetch(): RemoteFetch {
  const client = once(async () => (await import("./sender/remote-fetch.ts")).defaultRemoteFetch());
  return async (request) => (await client())(request);
}

/** Every start says so: what nothing proves is accepted from anybody who knows the URL. */
function warnOfUnverified({ receivers, options, logger }: Parts): void {
  for (const { name, title, verify } of receivers) {
    if (verify.name === "none" && options.settings?.[name]?.unverified)
      logger.warn({ receiver: name }, `unverified: whoever knows the URL can send deliveries as ${title}`);
  }
}

/** The journey of a request, from its route to its answer. */
function createJourney(parts: Parts, counters: Counters, deduplicator: Deduplicator): Receive {
  const { container, limits, clock, stopping, steps, remoteFetch } = parts;
  const planner = once(() => createPlanner(steps()));
  return createReceive({
    ...parts,
    planOf: (...of) => planner()(...of),
    run: (plan, delivery, receiver, identity, progress) => {
      const ofStep = (step: Step, stored: Delivery): NewJob => jobOf(step, stored, identity);
      return runPlan(plan, delivery, {
        ...{ receiver, container, identity, progress, stopping },
        timeoutMs: limits.handlersTimeoutMs,
        jobOf: ofStep,
      });
    },
    deduplicator,
    counters,
    rejections: new Rejections(clock),
    remoteOf: remoteDocumentsOf(parts),
    confirm: remoteFetch,
    keysOf: withHandedOver(parts),
  });
}

/** Each receiver has a cache and a budget of its own, so that none can use up another's. */
function remoteDocumentsOf({ remoteFetch, clock, logger }: Parts): (receiver: Receiver) => RemoteDocuments {
  const documents = new Map<string, RemoteDocuments>();
  return ({ name }) => {
    const known = documents.get(name) ?? createRemoteDocuments({ fetch: remoteFetch, clock, logger });
    documents.set(name, known);
    return known;
  };
}

/** Configured keys, behind those that a provider has handed over to this process. */
function withHandedOver({ keysOf, setups }: Parts): KeyLookup {
  return (receiver, id) => {
    const taken = setups.keysOf(receiver, id);
    if (taken.length === 0 && !setups.isOpen(receiver, id)) return keysOf(receiver, id);
    const configured = async (): Promise<readonly unknown[]> => keysOf(receiver, id);
    return configured().then(
      (keys) => [...taken, ...keys],
      (error: unknown) => {
        if (isWebhookError(error) && error.code === "unknown_id") return taken;
        throw error;
      },
    );
  };
}

function createDeduplicator({ options, limits, logger, clock, engine }: Parts): Deduplicator {
  return new Deduplicator({
    store: engine.store,
    inbox: engine.inbox,
    clock,
    logger,
    retentionMs: options.rememberMs ?? 7 * 24 * 60 * 60 * 1000,
    // A run and what it leaves to be stored take no longer; then its process has died.
    leaseMs: Math.ceil(1.2 * (limits.handlersTimeoutMs + limits.duplicateWaitMs)),
    waitMs: limits.duplicateWaitMs,
  });
}

/** The worker, where some handler queues work. */
function createWork(parts: Parts) {
  const { options, engine, clock, logger } = parts;
  let worker: QueueWorker | undefined;
  let starting: Promise<void> | undefined;
  const startWorker = async (): Promise<void> => {
    const steps = parts.steps();
    const hasWork = options.worker !== false && steps.some((step) => step.isQueueHandler);
    // A process that only receives needs no queue for handlers that take their jobs elsewhere.
    if (hasWork || steps.some((step) => step.usesQueue)) await engine.start({ ordering: steps.some((step) => step.hasOrdering) });
    if (!hasWork) return;
    const queue = await engine.queue();
    const { backoff, ...rest } = options.worker || {};
    const process = (job: LeasedJob, signal: AbortSignal): Promise<void> => processJob(job, signal, jobOptionsOf(parts));
    const concurrencyOf = (receiver: string): number => options.settings?.[receiver]?.concurrency ?? Number.POSITIVE_INFINITY;
    const own = { queue, clock, logger, process, concurrencyOf };
    worker = createWorker({ ...rest, ...(backoff ? { backoff: exponentialBackoff(backoff) } : {}), ...own });
    worker.start();
  };
  return {
    /** Calls that come together share one start; one that failed may be tried again. */
    start: async (): Promise<void> => {
      starting ??= startWorker().catch((error: unknown) => {
        starting = undefined;
        throw error;
      });
      await starting;
    },
    stop: async (graceMs: number): Promise<boolean> => {
      await starting?.catch(() => {});
      const result = await worker?.close({ graceMs });
      worker = undefined;
      starting = undefined;
      return result?.drained ?? true;
    },
    isReady: (): boolean => worker?.status().state !== "paused",
  };
}

function jobOptionsOf(parts: Parts): JobOptions {
  const { findReceiver, steps, container, limits, settingsOf } = parts;
  return {
    findReceiver,
    steps: steps(),
    container,
    limits,
    maxBytesOf: (receiver) => settingsOf(receiver).maxBytes,
    keysOf: withHandedOver(parts),
  };
}

/** A handler for a receiver that is not there never runs: perhaps on purpose, perhaps a typing error. */
function warnOfUnknownReceivers(handlers: readonly HandlerClass[], known: ReadonlyMap<string, Receiver>, logger: Logger): void {
  for (const one of handlers) {
    const missing = receiversOf(one).filter((name) => name !== "*" && !known.has(name));
    if (missing.length > 0) logger.warn({ handler: nameOf(one), receivers: missing }, "a handler names receivers that are not registered");
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
