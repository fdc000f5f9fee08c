import { RequestError } from "../errors.ts";
import type { Limits } from "../options.ts";

/** What all requests together may hold: beyond it a new one is told to come again. */
export class Budget {
  readonly #maxRequests: number;
  readonly #maxBytes: number;
  #requests = 0;
  #bytes = 0;

  constructor(limits: Pick<Limits, "maxRequestsInFlight" | "maxBytesInFlight">) {
    this.#maxRequests = limits.maxRequestsInFlight;
    this.#maxBytes = limits.maxBytesInFlight;
  }

  /** Requests under way. */
  get requests(): number {
    return this.#requests;
  }

  /** @throws RequestError `overloaded`. */
  enter(): void {
    if (this.#requests >= this.#maxRequests) throw overloaded("requests");
    this.#requests++;
  }

  leave(): void {
    this.#requests--;
  }

  /** Sets bytes aside for a body. @throws RequestError `overloaded`. */
  reserve(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes) throw overloaded("bytes");
    this.#bytes += bytes;
  }

  free(bytes: number): void {
    this.#bytes -= bytes;
  }
}

function overloaded(what: "requests" | "bytes"): RequestError {
  return new RequestError("overloaded", `Too many ${what} are in flight.`, { headers: { "retry-after": "5" } });
}
