import type { Limits } from "../options.ts";
import { Pressure } from "./pressure.ts";
import type { Shortage } from "./refusals.ts";

/** What bounds a {@link Budget}. */
export type BudgetLimits = Pick<Limits, "maxRequestsInFlight" | "maxBytesInFlight" | "processorWaitMs">;

/** What all requests together may hold: beyond it a new one is told to come again. */
export class Budget {
  readonly #maxRequests: number;
  readonly #maxBytes: number;
  readonly #pressure: Pressure;
  #requests = 0;
  #bytes = 0;

  constructor(limits: BudgetLimits) {
    this.#maxRequests = limits.maxRequestsInFlight;
    this.#maxBytes = limits.maxBytesInFlight;
    this.#pressure = new Pressure(limits.processorWaitMs, () => this.#requests);
  }

  /** Requests under way. */
  get requests(): number {
    return this.#requests;
  }

  /** Takes a request on, or says what there is too little of. */
  enter(): Shortage | undefined {
    if (!this.#pressure.admits()) return "processor";
    if (this.#requests >= this.#maxRequests) return "requests";
    this.#requests++;
    return undefined;
  }

  leave(): void {
    this.#requests--;
  }

  /** Sets bytes aside for a body; false if there are not enough. */
  reserve(bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  free(bytes: number): void {
    this.#bytes -= bytes;
  }
}
