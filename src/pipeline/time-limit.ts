import { ApplicationError } from "../errors.ts";

/** The time limit of one run of handlers. The signal costs nothing until somebody asks for it. */
export class TimeLimit {
  readonly #stopping: AbortSignal;
  readonly #timeoutMs: number;
  #controller: AbortController | undefined;
  #onStop: (() => void) | undefined;
  #error: ApplicationError | undefined;

  constructor(timeoutMs: number, stopping: AbortSignal) {
    this.#timeoutMs = timeoutMs;
    this.#stopping = stopping;
  }

  /** Aborted when the time has passed or the process has to stop. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      const controller = new AbortController();
      this.#controller = controller;
      this.#onStop = () => controller.abort(this.#stopping.reason);
      if (this.#error) controller.abort(this.#error);
      else if (this.#stopping.aborted) this.#onStop();
      else this.#stopping.addEventListener("abort", this.#onStop, { once: true });
    }
    return this.#controller.signal;
  }

  /** @throws ApplicationError `handler_timeout` once the time has passed. */
  check(): void {
    if (this.#error) throw this.#error;
  }

  /** The run's outcome, or `handler_timeout`. What a late handler still does is nobody's concern any more. */
  async race<T>(run: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const passed = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#error = new ApplicationError("handler_timeout", `The handlers did not settle within ${this.#timeoutMs} ms.`);
        this.#controller?.abort(this.#error);
        reject(this.#error);
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([run, passed]);
    } finally {
      clearTimeout(timer);
      if (this.#onStop) this.#stopping.removeEventListener("abort", this.#onStop);
    }
  }
}
