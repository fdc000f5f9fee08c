/** A request for something public that a proof needs: a key set, a key, a certificate. */
export interface RemoteRequest {
  /** https URL, fixed by the receiver or checked by its rule before it gets here. */
  readonly url: string;
  /** Default GET. */
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back. Answers other than 200 never get this far. */
export interface RemoteAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Makes a remote request. The default is the guarded client; tests put in recorded answers. */
export type RemoteFetch = (request: RemoteRequest) => Promise<RemoteAnswer>;

/** A document of keys: where it is, and how it is read. */
export interface RemoteDocument<T> extends RemoteRequest {
  /** Names the document in the cache. Default: the URL. Needed where the body decides what comes back. */
  readonly cacheKey?: string;
  /** Reads the answer; throws if it is not what it should be. The result is what the cache keeps. */
  parse(answer: RemoteAnswer): T | Promise<T>;
  /** Whether the cached document will do. False, as for an unknown key id, asks for it anew, within the cool-down. Default: it will. */
  suffices?(document: T): boolean;
}

/**
 * Documents that proofs need, cached and bounded.
 *
 * `load` rejects with `keys_unavailable` (503) where a document can neither be fetched nor served stale: the provider is to
 * come again, since nothing is known about the request.
 */
export interface RemoteDocuments {
  load<T>(document: RemoteDocument<T>): Promise<T>;
}
