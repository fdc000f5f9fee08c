import { RequestError } from "../errors.ts";
import { type Logger, type UnfailingLogger, unfailing } from "../logger.ts";
import { type Answer, answerToError } from "../pipeline/answer.ts";

/** What a process lacks when it refuses a request. */
export type Shortage = "requests" | "bytes" | "processor";

/** What the log says of each. */
const messages: Readonly<Record<Shortage, string>> = {
  requests: "Too many requests are in flight.",
  bytes: "Too many bytes are in flight.",
  processor: "Requests come faster than the processor takes them.",
};

/** Made once: an error costs more than the rest of a refusal. */
const refusal = answerToError(new RequestError("overloaded"));

/** The answer to a request that there is no room for. */
export function refusalAnswer(): Answer {
  return { ...refusal, headers: { ...refusal.headers, ...retryAfter() } };
}

/** When to come again, in seconds: five to eight, so that those who were refused together do not come together. */
export function retryAfter(random: () => number = Math.random): { readonly "retry-after": string } {
  return { "retry-after": String(5 + Math.floor(random() * 4)) };
}

/** Milliseconds between two lines. */
const everyMs = 5_000;

/** Logs refusals without a line for each: the first at once, then how many there were, and in the end that they are over. */
export class RefusalLog {
  readonly #logger: UnfailingLogger;
  #timer: NodeJS.Timeout | undefined;
  #last: Shortage = "requests";
  #count = 0;
  #total = 0;

  constructor(logger: Logger) {
    this.#logger = unfailing(logger);
  }

  /** Counts one refusal. */
  add(shortage: Shortage): void {
    this.#total++;
    this.#count++;
    this.#last = shortage;
    if (this.#timer) return;
    this.#count = 0;
    this.#logger.warn({ status: 503, code: "overloaded" }, `${messages[shortage]} Deliveries are refused, and counted from now on.`);
    this.#timer = setInterval(() => this.#report(), everyMs).unref();
  }

  #report(): void {
    if (this.#count > 0) {
      this.#logger.warn({ status: 503, code: "overloaded", refused: this.#count }, `${messages[this.#last]} Deliveries are still refused.`);
      this.#count = 0;
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#logger.info({ refused: this.#total }, "Deliveries are taken on again.");
    this.#total = 0;
  }
}
