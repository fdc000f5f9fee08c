import { ApplicationError } from "../errors.ts";

/**
 * The time limit of one run of handlers. It costs next to nothing while a run is in time: one timer serves all runs, and
 * the signal is made when somebody asks for it.
 */
export class TimeLimit {
  readonly #endsAt: number;
  readonly #timeoutMs: number;
  readonly #stopping: AbortSignal;
  #controller: AbortController | undefined;
  #onStop: (() => void) | undefined;
  #fail: ((error: ApplicationError) => void) | undefined;
  #error: ApplicationError | undefined;

  constructor(timeoutMs: number, stopping: AbortSignal) {
    this.#endsAt = performance.now() + timeoutMs;
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
  race<T>(run: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#fail = reject;
      watch(this);
      run.then(
        (value) => {
          this.#end();
          resolve(value);
        },
        (error: unknown) => {
          this.#end();
          reject(error);
        },
      );
    });
  }

  /** Ends the run if its time has passed. */
  expire(now: number): void {
    if (now < this.#endsAt) return;
    this.#error = new ApplicationError("handler_timeout", `The handlers did not settle within ${this.#timeoutMs} ms.`);
    this.#controller?.abort(this.#error);
    this.#end();
    this.#fail?.(this.#error);
  }

  #end(): void {
    watched.delete(this);
    if (this.#onStop) this.#stopping.removeEventListener("abort", this.#onStop);
  }
}

const watched = new Set<TimeLimit>();
let timer: NodeJS.Timeout | undefined;

/** Looks at every run under way twenty times a second, as long as there is one. */
function watch(limit: TimeLimit): void {
  watched.add(limit);
  timer ??= setInterval(() => {
    const now = performance.now();
    for (const one of watched) one.expire(now);
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }, 50).unref();
}
