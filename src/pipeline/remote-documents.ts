import type { Clock } from "../clock.ts";
import { ApplicationError, describeError, rootCauseOf } from "../errors.ts";
import { type Logger, silentLogger } from "../logger.ts";
import type { RemoteDocument, RemoteDocuments, RemoteFetch } from "../receiver/remote.ts";

/** How documents are fetched, and for how long they serve. */
export interface RemoteDocumentsOptions {
  readonly fetch: RemoteFetch;
  readonly clock: Clock;
  /** Told when a stale document has to serve. Default: nobody is. */
  readonly logger?: Logger;
  /** How long a document serves without being fetched anew. Default 10 minutes. */
  readonly freshMs?: number;
  /** How long it serves since it was fetched where it cannot be fetched anew. Default 24 hours. */
  readonly staleMs?: number;
  /** From one refetch of a document, successful or not, to the next. Default 30 seconds. */
  readonly refetchPauseMs?: number;
  /** From a failure to the next try where there is no document yet. Default 5 seconds. */
  readonly retryPauseMs?: number;
  /** Longest fetch, reading included. Default 3 seconds. */
  readonly timeoutMs?: number;
  /** Documents kept; the least recently used goes. Default 50. */
  readonly maxDocuments?: number;
  /** Fetches of all documents together. Default 60. */
  readonly maxFetchesPerMinute?: number;
}

/**
 * Creates a cache of the documents that proofs need. What a stranger can do to it is bounded: requests with unknown key ids
 * cost one refetch in a while, those that name ever other URLs use up a budget, and those at which there is nothing drive out
 * no document.
 */
export function createRemoteDocuments(options: RemoteDocumentsOptions): RemoteDocuments {
  return new DocumentCache({ ...defaults, ...options });
}

const minuteMs = 60_000;

const defaults = {
  logger: silentLogger,
  freshMs: 10 * minuteMs,
  staleMs: 24 * 60 * minuteMs,
  refetchPauseMs: 30_000,
  retryPauseMs: 5_000,
  timeoutMs: 3_000,
  maxDocuments: 50,
  maxFetchesPerMinute: 60,
};

interface Entry {
  readonly document: unknown;
  readonly fetchedAtMs: number;
  /** When it was fetched anew or that failed; undefined as long as neither has happened. */
  refetchedAtMs: number | undefined;
}

interface Failure {
  readonly atMs: number;
  readonly cause: unknown;
}

class DocumentCache implements RemoteDocuments {
  readonly #options: Required<RemoteDocumentsOptions>;
  readonly #entries = new Map<string, Entry>();
  /** Of documents that are not there. Apart, so that they cannot push out those that are. */
  readonly #failures = new Map<string, Failure>();
  readonly #flights = new Map<string, Promise<unknown>>();
  #fetchesAtMs: readonly number[] = [];

  constructor(options: Required<RemoteDocumentsOptions>) {
    this.#options = options;
  }

  async load<T>(document: RemoteDocument<T>): Promise<T> {
    const key = document.cacheKey ?? document.url;
    const entry = this.#usableEntry(key);
    if (!entry) return (await this.#fetchFirst(key, document)) as T;
    const suffices = this.#isWithin(this.#options.freshMs, entry.fetchedAtMs) && (document.suffices?.(entry.document as T) ?? true);
    return (suffices ? entry.document : await this.#refetch(key, document, entry)) as T;
  }

  #usableEntry(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (this.#nowMs() - entry.fetchedAtMs >= this.#options.staleMs) return undefined;
    put(this.#entries, key, entry, this.#options.maxDocuments);
    return entry;
  }

  async #fetchFirst(key: string, document: RemoteDocument<unknown>): Promise<unknown> {
    const failure = this.#failures.get(key);
    if (failure && this.#isWithin(this.#options.retryPauseMs, failure.atMs)) throw unavailable(document, failure.cause);
    try {
      return await this.#fetchOnce(key, document);
    } catch (cause) {
      throw unavailable(document, cause);
    }
  }

  /** The document as it is now, or else as it was. */
  async #refetch(key: string, document: RemoteDocument<unknown>, { document: old, refetchedAtMs }: Entry): Promise<unknown> {
    if (refetchedAtMs !== undefined && this.#isWithin(this.#options.refetchPauseMs, refetchedAtMs)) return old;
    try {
      return await this.#fetchOnce(key, document);
    } catch {
      return old;
    }
  }

  /** One fetch of a document at a time; who comes later waits for the same one. */
  #fetchOnce(key: string, document: RemoteDocument<unknown>): Promise<unknown> {
    const flight = this.#flights.get(key) ?? this.#fetchAndKeep(key, document).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  async #fetchAndKeep(key: string, document: RemoteDocument<unknown>): Promise<unknown> {
    this.#spendFetch();
    try {
      const fetched = await this.#inTime(this.#fetchAndParse(document));
      const refetchedAtMs = this.#entries.has(key) ? this.#nowMs() : undefined;
      put(this.#entries, key, { document: fetched, fetchedAtMs: this.#nowMs(), refetchedAtMs }, this.#options.maxDocuments);
      this.#failures.delete(key);
      return fetched;
    } catch (cause) {
      this.#noteFailure(key, document, cause);
      throw cause;
    }
  }

  /** A fetch that the budget refuses has not failed: nothing waits for the next one but the budget. */
  #spendFetch(): void {
    this.#fetchesAtMs = this.#fetchesAtMs.filter((atMs) => this.#isWithin(minuteMs, atMs));
    const { maxFetchesPerMinute } = this.#options;
    if (this.#fetchesAtMs.length >= maxFetchesPerMinute) throw new Error(`More than ${maxFetchesPerMinute} fetches within a minute.`);
    this.#fetchesAtMs = [...this.#fetchesAtMs, this.#nowMs()];
  }

  async #fetchAndParse(document: RemoteDocument<unknown>): Promise<unknown> {
    return document.parse(await this.#options.fetch(document));
  }

  async #inTime<T>(promise: Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options;
    const settled = new AbortController();
    const expired = clock.sleep(timeoutMs, settled.signal).then(() => {
      throw new Error(`The fetch did not end within ${timeoutMs} ms.`);
    });
    try {
      return await Promise.race([promise, expired]);
    } finally {
      settled.abort();
    }
  }

  #noteFailure(key: string, document: RemoteDocument<unknown>, cause: unknown): void {
    const entry = this.#entries.get(key);
    if (!entry) {
      put(this.#failures, key, { atMs: this.#nowMs(), cause }, this.#options.maxDocuments);
      return;
    }
    entry.refetchedAtMs = this.#nowMs();
    const error = describeError(rootCauseOf(unavailable(document, cause)));
    this.#options.logger.warn({ host: hostOf(document), error }, "keys could not be fetched anew; the cached ones go on serving");
  }

  #nowMs(): number {
    return this.#options.clock.now().getTime();
  }

  /** Whether less than `ms` have passed. A time that lies ahead, because the clock was set back, counts as long ago. */
  #isWithin(ms: number, sinceMs: number): boolean {
    const passedMs = this.#nowMs() - sinceMs;
    return passedMs >= 0 && passedMs < ms;
  }
}

/** Puts a value at the end of a map, the place of the most recently used; beyond `max` the first goes. */
function put<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.delete(key);
  map.set(key, value);
  for (const first of map.keys()) {
    if (map.size <= max) return;
    map.delete(first);
  }
}

function unavailable(document: RemoteDocument<unknown>, cause: unknown): ApplicationError {
  return new ApplicationError("keys_unavailable", `The keys at ${hostOf(document)} cannot be fetched.`, {
    cause,
    headers: { "retry-after": "5" },
  });
}

/** Of the URL only the host is told: the rest may hold a secret. */
function hostOf({ url }: RemoteDocument<unknown>): string {
  return URL.canParse(url) ? new URL(url).host : "an invalid URL";
}
