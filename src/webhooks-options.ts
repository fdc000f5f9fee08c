import { type Clock, systemClock } from "./clock.ts";
import { createContainer, type DependencyContainer } from "./di.ts";
import { describeError } from "./errors.ts";
import { createLogger, type Logger } from "./logger.ts";
import { defaultLimits, Faults, join, type Limits, maxTimerMs, show } from "./options.ts";
import type { HandlerClass } from "./pipeline/handler.ts";
import { checkHandlers } from "./pipeline/plan.ts";
import { createKeyLookup, type SecretsOption } from "./pipeline/secret-lookup.ts";
import { createSettings, ownSettings, type SettingsOption } from "./pipeline/settings.ts";
import type { Queue } from "./queue/queue.ts";
import type { Receiver, RemoteFetch } from "./receiver/index.ts";
import { readSettings } from "./receiver/settings.ts";
import type { Store } from "./store/store.ts";

/** How queued work is done. */
export interface WorkerOptions {
  /** Jobs processed at once. Default 10. */
  readonly concurrency?: number;
  /** How long a claimed job is held without renewal, in milliseconds. Default 60,000. */
  readonly leaseMs?: number;
  /** Attempts before a job becomes a dead letter. Default 10. */
  readonly maxAttempts?: number;
  /** Longest run of one `process`, in milliseconds. Default 300,000. */
  readonly timeoutMs?: number;
  /** Pauses between attempts: full jitter below `baseMs`, doubled with each attempt up to `capMs`. Default 5 s and 6 h. */
  readonly backoff?: { readonly baseMs?: number; readonly capMs?: number };
  /** How often to look for jobs that another process sent, in milliseconds. Default 1,000. */
  readonly pollMs?: number;
}

/** What `createWebhooks` takes. */
export interface WebhooksOptions<Receivers extends readonly Receiver[] = readonly Receiver[]> {
  /** The providers to receive from. */
  readonly receivers: Receivers;
  /** Handler classes, in any order. */
  readonly handlers?: readonly HandlerClass[];
  /** Secrets per receiver and id, or a source of them. */
  readonly secrets: SecretsOption;
  /** Where handlers and sources of secrets are resolved. Default: a new child of tsyringe's global container. */
  readonly container?: DependencyContainer;
  /** Path below which receivers are mounted. Default `/api/webhooks/incoming`. */
  readonly prefix?: string;
  /** The address that providers call, such as `https://hooks.example.com`. Needed where a provider signs the URL. */
  readonly publicUrl?: string;
  /** Takes plain HTTP from other machines. Default false. */
  readonly allowHttp?: boolean;
  /** Settings per receiver. */
  readonly settings?: SettingsOption<Receivers>;
  /** Limits on what a stranger can send. */
  readonly limits?: Partial<Limits>;
  /**
   * Queue and store in one database: the file of an embedded SQLite database, or the connection string of PostgreSQL, such as
   * `postgres://user:password@host/name`. Default `hookwright.db`; created when first needed.
   */
  readonly database?: string;
  /** Where queue handlers store deliveries. Default: `database`. */
  readonly queue?: Queue;
  /** Where handled deliveries are remembered. Default: `database`; memory, if only `queue` is given. */
  readonly store?: Store;
  /** How long handled deliveries are remembered, in milliseconds. Default seven days. */
  readonly rememberMs?: number;
  /**
   * How long a body in the store is kept at least that no job has needed, in milliseconds of time in which workers claimed jobs. Default
   * 90 days, at least one. It bounds what a crash between storing a body and sending its job leaves behind.
   */
  readonly keepBodiesMs?: number;
  /** Queued work, or false for a process that only receives. */
  readonly worker?: WorkerOptions | false;
  /** Fetches keys and certificates of providers, and calls confirmation URLs. Default: the guarded client. */
  readonly remoteFetch?: RemoteFetch;
  /** Default: pino on standard output at level `info`. */
  readonly logger?: Logger;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/** Where receivers are mounted unless the options say otherwise. */
export const defaultPrefix = "/api/webhooks/incoming";

const optionNames = [
  "receivers",
  "handlers",
  "secrets",
  "container",
  "prefix",
  "publicUrl",
  "allowHttp",
  "settings",
  "limits",
  "database",
  "queue",
  "store",
  "rememberMs",
  "keepBodiesMs",
  "worker",
  "remoteFetch",
  "logger",
  "clock",
];

/**
 * Validates everything, collects every fault, and fills in defaults.
 *
 * @throws ConfigurationError `invalid_options`.
 */
export function checkOptions(options: WebhooksOptions) {
  const faults = new Faults();
  if (typeof options !== "object" || options === null) {
    faults.add("options", `expected an object, got ${show(options)}.`);
    faults.throwIfAny();
  }
  faults.checkKeys("", options, optionNames);
  const container = options.container ?? createContainer();
  const limits = { ...defaultLimits, ...options.limits };
  faults.checkKeys("limits", options.limits ?? {}, Object.keys(defaultLimits));
  checkNumbers("limits", limits, faults);
  if (options.worker) checkWorker(options.worker, faults);
  checkParts(options, faults);
  const receivers = configureReceivers(checkReceivers(options.receivers, faults), options.settings ?? {}, faults);
  if (options.handlers !== undefined && !Array.isArray(options.handlers))
    faults.add("handlers", `expected a list of classes, got ${show(options.handlers)}.`);
  else checkHandlers(options.handlers ?? [], faults);
  if (options.prefix !== undefined) checkPrefix(options.prefix, faults);
  const keys = createKeyLookup(options.secrets, receivers, container, limits.secretsTimeoutMs, faults, ({ name, verify }) => {
    return verify.name === "none" && options.settings?.[name]?.unverified === true;
  });
  const settings = createSettings(
    receivers,
    { settings: options.settings ?? {}, publicUrl: options.publicUrl, allowHttp: options.allowHttp ?? false, limits },
    faults,
  );
  if (options.rememberMs !== undefined)
    faults.checkInteger("rememberMs", options.rememberMs, leastRememberMs(receivers, options.settings ?? {}));
  if (options.keepBodiesMs !== undefined) faults.checkInteger("keepBodiesMs", options.keepBodiesMs, 24 * 60 * 60 * 1_000);
  faults.throwIfAny();
  return {
    receivers,
    container,
    limits,
    ...keys,
    ...settings,
    logger: options.logger ?? createLogger(),
    clock: options.clock ?? systemClock,
    keepBodiesMs: options.keepBodiesMs,
  };
}

/** Whole numbers of at least one; times are at most what a timer can wait. */
function checkNumbers(path: string, values: object, faults: Faults): void {
  for (const [name, value] of Object.entries(values))
    faults.checkInteger(`${path}.${name}`, value, 1, name.endsWith("Ms") ? maxTimerMs : undefined);
}

function checkWorker({ backoff, ...numbers }: WorkerOptions, faults: Faults): void {
  faults.checkKeys("worker", numbers, ["concurrency", "leaseMs", "maxAttempts", "timeoutMs", "backoff", "pollMs"]);
  checkNumbers("worker", numbers, faults);
  if (backoff === undefined) return;
  if (typeof backoff !== "object" || backoff === null) {
    faults.add("worker.backoff", `expected an object, got ${show(backoff)}.`);
    return;
  }
  faults.checkKeys("worker.backoff", backoff, ["baseMs", "capMs"]);
  checkNumbers("worker.backoff", backoff, faults);
}

/** What is injected, by shape: any object that fits will do. */
function checkParts(options: WebhooksOptions, faults: Faults): void {
  faults.checkBoolean("allowHttp", options.allowHttp);
  faults.checkMethods("container", options.container, ["resolve", "createChildContainer"]);
  faults.checkMethods("queue", options.queue, ["send", "claim", "renew", "watch", "list", "retry", "purge", "close"]);
  faults.checkMethods("store", options.store, ["claimDelivery", "completeDelivery", "releaseDelivery", "acceptDelivery", "close"]);
  faults.checkMethods("logger", options.logger, ["debug", "info", "warn", "error"]);
  faults.checkMethods("clock", options.clock, ["now", "sleep"]);
  if (options.remoteFetch !== undefined && typeof options.remoteFetch !== "function")
    faults.add("remoteFetch", `expected a function, got ${show(options.remoteFetch)}.`);
  if (options.database !== undefined && (typeof options.database !== "string" || options.database === "")) {
    faults.add("database", `expected the path of a file or a connection string of PostgreSQL, got ${show(options.database)}.`);
  } else if (options.database !== undefined && isUrl(options.database) && !isPostgresUrl(options.database)) {
    faults.add("database", "expected the path of a file or a URL that begins with postgres://, got another URL."); // which may hold a password
  }
}

/** Whether `database` names a server and not a file. */
export function isPostgresUrl(database: string): boolean {
  return /^postgres(ql)?:\/\//.test(database);
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text);
}

/** A delivery must be remembered for longer than its signature is accepted, or a replay would run again. */
function leastRememberMs(receivers: readonly Receiver[], settings: NonNullable<WebhooksOptions["settings"]>): number {
  const tolerances = receivers.map(({ name, verify }) => settings[name]?.toleranceSeconds ?? verify.toleranceSeconds ?? 0);
  return Math.max(60, ...tolerances.map((seconds) => 2 * seconds)) * 1000;
}

/** The receivers under their settings; one whose settings are wrong stays as it is, and start-up fails. */
function configureReceivers(
  receivers: readonly Receiver[],
  settings: NonNullable<WebhooksOptions["settings"]>,
  faults: Faults,
): readonly Receiver[] {
  if (typeof settings !== "object" || settings === null) {
    faults.add("settings", `expected an object, got ${show(settings)}.`);
    return receivers;
  }
  return receivers.map((receiver) => {
    if (Object.keys(receiver.settings).length === 0) return receiver;
    const own = ownSettings(settings[receiver.name]);
    const wrong = readSettings(receiver.settings, own).faults;
    for (const { name, problem } of wrong) faults.add(`${join("settings", receiver.name)}.${name}`, problem);
    return wrong.length > 0 || Object.keys(own).length === 0 ? receiver : configured(receiver, own, faults);
  });
}

/** A receiver may find that its settings, each right for itself, do not fit together. */
function configured(receiver: Receiver, own: Readonly<Record<string, unknown>>, faults: Faults): Receiver {
  try {
    return receiver.configure(own);
  } catch (error) {
    faults.add(join("settings", receiver.name), describeError(error));
    return receiver;
  }
}

function checkReceivers(receivers: unknown, faults: Faults): readonly Receiver[] {
  if (!Array.isArray(receivers) || receivers.length === 0) {
    faults.add(
      "receivers",
      `expected a list with at least one receiver, got ${Array.isArray(receivers) ? "an empty one" : show(receivers)}.`,
    );
    return [];
  }
  const seen = new Set<string>();
  return receivers.filter((receiver, index): receiver is Receiver => {
    const isReceiver =
      typeof receiver?.name === "string" && typeof receiver.verify?.verify === "function" && Array.isArray(receiver.handshakes);
    if (!isReceiver)
      faults.add(
        `receivers[${index}]`,
        `expected what defineReceiver() makes, such as \`github\` of "hookwright/receivers/github", got ${show(receiver)}.`,
      );
    const names = isReceiver ? [receiver.name, ...receiver.aliases] : [];
    const isTwice = isReceiver && seen.has(receiver.name);
    if (isTwice) faults.add(`receivers[${index}]`, `${receiver.name} is registered twice.`);
    for (const name of names) seen.add(name);
    return isReceiver && !isTwice;
  });
}

/** Faults where a prefix is not a plain path. */
export function checkPrefix(prefix: string, faults: Faults): void {
  if (typeof prefix !== "string" || !/^(\/[A-Za-z0-9._~-]+)+$/.test(prefix))
    faults.add("prefix", 'expected a path such as "/hooks": a slash, plain segments, no slash at the end.');
}
