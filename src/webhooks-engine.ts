import type { Clock } from "./clock.ts";
import { ApplicationError, ConfigurationError, describeError, isWebhookError, rootCauseOf } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { Limits } from "./options.ts";
import { Inbox } from "./pipeline/inbox.ts";
import { OutboxCarrier } from "./pipeline/outbox.ts";
import { withStoredBodies } from "./pipeline/stored-bodies.ts";
import { withStoredDeadLetters } from "./pipeline/stored-dead-letters.ts";
import { capabilitiesOf } from "./queue/capabilities.ts";
import type { Queue } from "./queue/queue.ts";
import type { Store } from "./store/store.ts";
import { isPostgresUrl, type WebhooksOptions } from "./webhooks-options.ts";

/** Queue and store, opened when first needed, and what lies between them. */
export interface Engine {
  queue(): Promise<Queue>;
  store(): Promise<Store>;
  readonly inbox: Inbox;
  /**
   * Opens both, and begins to carry what waits in the outbox. A database that cannot be opened shows now, not with the first delivery.
   *
   * @throws ConfigurationError `unsupported` where what is asked for and the queue's engine do not fit.
   */
  start(needs: { readonly ordering: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** What an engine is made of. */
export interface EngineParts {
  readonly options: WebhooksOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: Limits;
  /** How long a stored body is kept at least that no job has needed, in milliseconds of time in which jobs were claimed. */
  readonly keepBodiesMs?: number | undefined;
}

/** What is not injected is the database that the options name, loaded only then. */
export function createEngine(parts: EngineParts): Engine {
  const { options, clock, logger, limits } = parts;
  let opening: { bare?: Promise<Queue>; queue?: Promise<Queue>; store?: Promise<Store> } = {};
  const store = (): Promise<Store> => (opening.store ??= openStore(options, clock));
  /** As its engine is, without what the store adds. */
  const bareQueue = (): Promise<Queue> => (opening.bare ??= openQueue(options, clock));
  const queue = (): Promise<Queue> => (opening.queue ??= bareQueue().then((bare) => withWhatItLacks(bare, store, parts)));
  const outbox = new OutboxCarrier({ queue, store, clock, logger });
  const inbox = new Inbox({ queue, store, outbox, waitMs: limits.duplicateWaitMs, maxLateBytes: limits.maxBytesInFlight });
  return {
    queue,
    store,
    inbox,
    start: async ({ ordering }) => {
      const [openedQueue, openedStore] = await Promise.all([queue(), store()]);
      checkFit(await bareQueue(), openedStore, ordering, largestBodyBytes(parts));
      await reach(openedQueue);
      const mode = await inbox.mode();
      if (ordering && mode === "outbox") throw new ConfigurationError("unsupported", orderingNeedsOneDatabase);
      if (mode === "outbox") outbox.start();
      if (mode === "direct" && !capabilitiesOf(await bareQueue()).deadLetters && capabilitiesOf(openedQueue).durable)
        logger.warn(
          {},
          "dead letters are kept in this process only, since the queue's engine keeps none: pass a durable store, or `database`",
        );
      else if (mode === "direct" && options.store === undefined && capabilitiesOf(openedQueue).durable)
        logger.warn({}, "deliveries are remembered in this process only, although the queue is shared: pass a store, or `database`");
    },
    close: async () => {
      await outbox.close();
      const { bare, queue: whole, store: openedStore } = opening;
      opening = {};
      try {
        await closeOpened(whole ?? bare, bare);
      } finally {
        await closeOpened(openedStore); // which the queue may have needed until then
      }
    },
  };
}

/** At the start there is no job yet that could not be stored. */
async function reach(queue: Queue): Promise<void> {
  try {
    await queue.claim({ limit: 0, leaseMs: 1 });
  } catch (error) {
    if (!isWebhookError(error) || error.code !== "queue_unavailable") throw error;
    const { engine } = capabilitiesOf(queue);
    const cause = rootCauseOf(error);
    const why = cause === error ? "" : `: ${describeError(cause)}`;
    throw new ApplicationError("queue_unavailable", `The queue (${engine}) does not answer${why}`, { cause });
  }
}

function withWhatItLacks(queue: Queue, store: () => Promise<Store>, { clock, logger, keepBodiesMs }: EngineParts): Queue {
  const keeping = keepBodiesMs === undefined ? {} : { keepMs: keepBodiesMs };
  return withStoredBodies(withStoredDeadLetters(queue, store, { clock }), store, { logger, clock, ...keeping });
}

/** Closes what could be opened; whoever wanted to use what could not has been told. */
async function closeOpened(...attempts: readonly (Promise<{ close(): Promise<void> }> | undefined)[]): Promise<void> {
  const opened = await Promise.allSettled(attempts.filter((attempt) => attempt !== undefined));
  await opened.find((attempt) => attempt.status === "fulfilled")?.value.close();
}

const orderingNeedsOneDatabase =
  "A handler has an `orderingKey`, but queue and store are in different places: jobs could overtake each other on the way. Use one database for both.";

/** Each receiver may have a limit of its own. */
function largestBodyBytes({ options, limits }: EngineParts): number {
  return Math.max(limits.maxBytes, ...Object.values(options.settings ?? {}).map((settings) => settings?.maxBytes ?? 0));
}

function checkFit(queue: Queue, store: Store, ordering: boolean, maxBytes: number): void {
  const { engine, ordering: keepsOrder, largestJobBytes } = capabilitiesOf(queue);
  if (ordering && !keepsOrder)
    throw new ConfigurationError(
      "unsupported",
      `A handler has an \`orderingKey\`, and ${engine} cannot keep an order. Use SQLite or PostgreSQL.`,
    );
  if (largestJobBytes < maxBytes && !store.isDurable)
    throw new ConfigurationError(
      "unsupported",
      `${engine} takes at most ${largestJobBytes} bytes a job, and bodies may have ${maxBytes}: pass a durable \`store\`, which keeps larger ones.`,
    );
}

const defaultFile = "hookwright.db";

async function openQueue({ queue, database = defaultFile }: WebhooksOptions, clock: Clock): Promise<Queue> {
  if (queue) return queue;
  if (isPostgresUrl(database)) return (await import("./queue/drivers/postgres.ts")).postgresQueue({ connection: database, clock });
  return (await import("./queue/drivers/sqlite.ts")).sqliteQueue({ file: database, clock });
}

async function openStore({ queue, store, database }: WebhooksOptions, clock: Clock): Promise<Store> {
  if (store) return store;
  if (queue !== undefined && database === undefined) return (await import("./store/drivers/memory.ts")).memoryStore({ clock });
  const where = database ?? defaultFile;
  if (isPostgresUrl(where)) return (await import("./store/drivers/postgres.ts")).postgresStore({ connection: where, clock });
  return (await import("./store/drivers/sqlite.ts")).sqliteStore({ file: where, clock });
}
