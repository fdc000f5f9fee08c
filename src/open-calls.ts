import { ConfigurationError } from "./errors.ts";

/** The calls under way of something that can be closed. */
export class OpenCalls {
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #what: string;
  #closing: Promise<void> | undefined;

  /** @param what The subject of what a call after the closing is told: "The store". */
  constructor(what: string) {
    this.#what = what;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** @throws ConfigurationError `closed`. */
  check(): void {
    if (this.#closing) throw new ConfigurationError("closed", `${this.#what} has been closed.`);
  }

  /** @throws ConfigurationError `closed`. */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    this.check();
    const running = call();
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }

  /** Takes no further call, waits for those under way, then lets go of what they used. Once, however often it is called. */
  close(letGo: () => Promise<void>): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(letGo);
    return this.#closing;
  }
}
