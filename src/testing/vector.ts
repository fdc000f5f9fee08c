import { ReceiverRequest, rawHeadersOf } from "../receiver/index.ts";

/** One recorded request of a provider, and what a receiver must make of it. A list of them is a JSON file. */
export interface ReceiverVector {
  readonly name: string;
  /** Published by the provider, made by the provider's own library, or computed by other means. */
  readonly origin: "documented" | "library" | "computed";
  /** URL, or `package@version`. */
  readonly source: string;
  /** The day on which it was read or made: `2026-11-23`. */
  readonly date: string;
  /** What is set under `settings.<receiver>`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Recorded answers to requests for keys and certificates, by URL: the body, and headers where they matter. */
  readonly remote?: Readonly<Record<string, RecordedAnswer>>;
  /** As it is configured; length rules of the receiver do not apply. */
  readonly secret: string;
  /** The private key, where the secret is a public one. */
  readonly signingSecret?: string;
  /** The time of the check, in Unix seconds: the signed time, where one is signed. */
  readonly now: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** UTF-8 text. */
  readonly body?: string;
  /** Instead of `body`, for bytes that are not UTF-8. */
  readonly bodyBase64?: string;
  /** Set where this form of the proof has no signed time, though another form of the receiver's has. */
  readonly untimed?: true;
  /** Absent where only the proof is published, with a body that the provider never sends. */
  readonly expected?: VectorExpectation;
}

/** A recorded answer of a provider's key server. */
export type RecordedAnswer = string | { readonly body: string; readonly headers?: Readonly<Record<string, string>> };

/** Either what a delivery reads as, or how a handshake is answered. */
export interface VectorExpectation {
  readonly events?: readonly string[];
  readonly deliveryId?: string;
  /** Dotted paths in the data, and the value at each. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly handshake?: {
    readonly status: number;
    readonly body: string;
    /** Headers that the answer has at least, names in lower case. */
    readonly headers?: Readonly<Record<string, string>>;
    /** The URL that is called first. */
    readonly confirm?: string;
  };
  /** The secret that a handshake hands over. */
  readonly offeredSecret?: string;
  /** Whether the proof covers the body, where it is not what the scheme says. */
  readonly bodyBound?: boolean;
  readonly retryNumber?: number;
  readonly sentAt?: string;
  readonly account?: string;
  /** The answer where no handler gave one. */
  readonly respond?: { readonly status: number; readonly body?: string };
}

/** The parts of a vector's request. */
export interface VectorRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** The request of a vector, as Node.js would give it. */
export function requestOf(vector: ReceiverVector): VectorRequest {
  const body = vector.bodyBase64 === undefined ? Buffer.from(vector.body ?? "", "utf8") : Buffer.from(vector.bodyBase64, "base64");
  return { method: vector.method, url: vector.url, rawHeaders: rawHeadersOf(vector.headers), body };
}

/** The same request without a header, whatever its case. */
export function withoutHeader(request: VectorRequest, name: string): VectorRequest {
  return { ...request, rawHeaders: mapHeaders(request, (key, value) => (key.toLowerCase() === name.toLowerCase() ? [] : [key, value])) };
}

/** The same request with each value of a header changed. */
export function withHeaderChanged(request: VectorRequest, name: string, change: (value: string) => string): VectorRequest {
  return {
    ...request,
    rawHeaders: mapHeaders(request, (key, value) => [key, key.toLowerCase() === name.toLowerCase() ? change(value) : value]),
  };
}

/** The same request without a query parameter. */
export function withoutParameter(request: VectorRequest, name: string): VectorRequest {
  const { query } = new ReceiverRequest(request);
  query.delete(name);
  const [path = ""] = request.url.split("?");
  return { ...request, url: query.size === 0 ? path : `${path}?${query}` };
}

function mapHeaders({ rawHeaders }: VectorRequest, change: (name: string, value: string) => string[]): string[] {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? change(name, rawHeaders[index + 1] ?? "") : []));
}
