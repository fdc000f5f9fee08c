import { Listeners } from "../listeners.ts";

/** Shortest time between two notifications from this process, in milliseconds. */
const pauseMs = 20;

/**
 * Tells this process at once that jobs have come, and the others by a notification, of which there are few however many jobs come, and
 * never two on their way. They are sent apart from what brings the jobs: a transaction that notifies holds up all others that do
 * until it is on the disk. One that is lost costs a worker elsewhere the time until it looks by itself.
 */
export class JobSignal {
  readonly #notify: () => Promise<unknown>;
  readonly #listeners = new Listeners();
  #isDue = false;
  #telling: Promise<void> | undefined;
  #isClosed = false;
  #endPause = () => {};

  constructor(notify: () => Promise<unknown>) {
    this.#notify = notify;
  }

  watch(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  announce(): void {
    this.#listeners.call();
    this.#isDue = true;
    this.#telling ??= this.#tellOthers();
  }

  /** Tells what is still to be told. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endPause();
    await this.#telling;
  }

  async #tellOthers(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      await this.#notify().catch(() => {}); // lost: see above
      if (!this.#isClosed) await this.#pause();
    }
    this.#telling = undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      timer.unref();
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
