/** Shortest time between two notifications from this process, in milliseconds. */
const pauseMs = 20;

/**
 * Tells this process at once that jobs have come, and the others by a notification, of which there are few however many jobs come.
 * They are sent apart from what brings the jobs: a transaction that notifies holds up all others that do until it is on the disk.
 * One that is lost costs a worker elsewhere the time until it looks by itself.
 */
export class JobSignal {
  readonly #notify: () => Promise<unknown>;
  readonly #listeners = new Set<{ readonly call: () => void }>();
  #pause: NodeJS.Timeout | undefined;
  #isDue = false;
  #notifying: Promise<unknown> = Promise.resolve();

  constructor(notify: () => Promise<unknown>) {
    this.#notify = notify;
  }

  watch(listener: () => void): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  announce(): void {
    for (const { call } of this.#listeners) call();
    this.#isDue = true;
    if (!this.#pause) this.#tellOthers();
  }

  /** Tells what is still to be told. */
  async close(): Promise<void> {
    if (this.#isDue) this.#tellOthers();
    clearTimeout(this.#pause);
    await this.#notifying;
  }

  #tellOthers(): void {
    this.#isDue = false;
    this.#notifying = this.#notify().catch(() => {});
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      if (this.#isDue) this.#tellOthers();
    }, pauseMs);
    this.#pause.unref();
  }
}
