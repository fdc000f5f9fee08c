import { failed } from "./request-errors.ts";

/** How long one request may take, in milliseconds. */
export interface DeadlineOptions {
  readonly url: URL;
  /** To an open connection, name resolution and TLS included. */
  readonly connectTimeoutMs: number;
  /** To the last byte of the answer. */
  readonly timeoutMs: number;
  /** The caller's own wish to stop. */
  readonly signal: AbortSignal | undefined;
}

/** The end of one request's time. */
export interface Deadline {
  /** Aborted with what the request is to reject with. */
  readonly signal: AbortSignal;
  /** The promise's outcome, or a rejection with the signal's reason if that comes first. */
  race<T>(promise: Promise<T>): Promise<T>;
  /** Says that the connection stands. */
  connected(): void;
  /** Frees the timers. */
  close(): void;
}

/** Starts the clock of one request. `AbortSignal.timeout` would not do: its timer does not keep a process alive. */
export function startDeadline({ url, connectTimeoutMs, timeoutMs, signal: outer }: DeadlineOptions): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  const expire = (what: string, ms: number) => setTimeout(() => controller.abort(failed(url, `${what} within ${ms} ms.`)), ms);
  const timers = [expire("there was no connection", connectTimeoutMs), expire("there was no complete answer", timeoutMs)];
  const cancel = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) cancel();
  outer?.addEventListener("abort", cancel, { once: true });
  return {
    signal,
    race: (promise) => raceWith(promise, signal),
    connected: () => clearTimeout(timers[0]),
    close: () => {
      for (const timer of timers) clearTimeout(timer);
      outer?.removeEventListener("abort", cancel);
    },
  };
}

async function raceWith<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
