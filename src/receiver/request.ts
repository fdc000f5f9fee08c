import type { BodyRule } from "./body.ts";

/** A request as Node.js gives it, in plain values. */
export interface RequestParts {
  readonly method: string;
  /** Absolute URL that the provider called, query string byte for byte. */
  readonly url: string;
  /** Names and values in turn, as in `IncomingMessage.rawHeaders`. */
  readonly rawHeaders: readonly string[];
  /** Body bytes as the provider signed them. */
  readonly body?: Buffer;
  /** How the receiver reads bodies, for proofs that stand in one: both must read the same. */
  readonly bodyRule?: BodyRule;
  /** Whether `body` is decompressed already, whatever `Content-Encoding` says. */
  readonly isDecoded?: boolean;
}

/** What a scheme verifies: method, URL, headers and exact body bytes, nothing parsed. */
export class ReceiverRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: RequestHeaders;
  readonly body: Buffer;
  readonly bodyRule: BodyRule | undefined;
  readonly isDecoded: boolean;
  #query: URLSearchParams | undefined;

  constructor(parts: RequestParts) {
    this.method = parts.method;
    this.url = parts.url;
    this.headers = new RequestHeaders(parts.rawHeaders);
    this.body = parts.body ?? emptyBody;
    this.bodyRule = parts.bodyRule;
    this.isDecoded = parts.isDecoded ?? false;
  }

  /** The same request with some parts changed. */
  with(parts: Partial<RequestParts>): ReceiverRequest {
    const { method, url, headers, body, bodyRule, isDecoded } = this;
    return new ReceiverRequest({ method, url, rawHeaders: headers.raw, body, isDecoded, ...(bodyRule ? { bodyRule } : {}), ...parts });
  }

  /** The decoded query parameters. Duplicates are kept. */
  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(queryOf(this.url));
    return this.#query;
  }
}

/**
 * Header lines as received. Node.js joins repeated headers with a comma, which would let a second signature pass
 * unseen; so values are read from the raw lines.
 */
export class RequestHeaders {
  readonly raw: readonly string[];

  constructor(raw: readonly string[]) {
    this.raw = raw;
  }

  /** Every value of a header, in order. */
  all(name: string): readonly string[] {
    const values: string[] = [];
    for (let at = this.#find(name, 0); at >= 0; at = this.#find(name, at + 2)) values.push(this.raw[at + 1] ?? "");
    return values;
  }

  /** The value of a header that occurs exactly once; undefined if it is absent or repeated. */
  get(name: string): string | undefined {
    const at = this.#find(name, 0);
    return at < 0 || this.#find(name, at + 2) >= 0 ? undefined : this.raw[at + 1];
  }

  /** Lower-case names and values, repeated ones joined with a comma, without a prototype. */
  toObject(): Record<string, string> {
    const object: Record<string, string> = Object.create(null);
    for (let i = 0; i + 1 < this.raw.length; i += 2) {
      const name = (this.raw[i] ?? "").toLowerCase();
      const value = this.raw[i + 1] ?? "";
      const before = object[name];
      object[name] = before === undefined ? value : `${before}, ${value}`;
    }
    return object;
  }

  /** Where a header's next line stands, or -1. */
  #find(name: string, from: number): number {
    const { raw } = this;
    const wanted = name.toLowerCase();
    for (let i = from; i + 1 < raw.length; i += 2) {
      const line = raw[i];
      if (line !== undefined && line.length === wanted.length && (line === name || line.toLowerCase() === wanted)) return i;
    }
    return -1;
  }
}

/** A header list from a plain object, for tests and for requests made by hand. */
export function rawHeadersOf(headers: Readonly<Record<string, string | readonly string[] | undefined>>): string[] {
  const raw: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    for (const one of typeof value === "string" ? [value] : value) raw.push(name, one);
  }
  return raw;
}

const emptyBody = Buffer.alloc(0);

function queryOf(url: string): string {
  const mark = url.indexOf("?");
  if (mark < 0) return "";
  const fragment = url.indexOf("#", mark);
  return url.slice(mark + 1, fragment < 0 ? undefined : fragment);
}
