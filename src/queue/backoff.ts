/** How long to wait after the attempt of this number, counted from 1, before the next; milliseconds. */
export type Backoff = (attempt: number) => number;

/** Options of {@link exponentialBackoff}. */
export interface BackoffOptions {
  /** Upper bound of the first wait. Default 5 seconds. */
  readonly baseMs?: number;
  /** Upper bound of any wait. Default 6 hours. */
  readonly capMs?: number;
  /** A number from 0 to below 1, as `Math.random`, which is the default. */
  readonly random?: () => number;
}

/** More would leave no number that can be multiplied by 0. */
const mostDoublings = 64;

/**
 * Exponential backoff with full jitter: a wait is anything from 0 to a bound that doubles with each attempt, so that jobs
 * which failed together do not come back together. AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function exponentialBackoff(options: BackoffOptions = {}): Backoff {
  const { baseMs = 5_000, capMs = 6 * 60 * 60 * 1_000, random = Math.random } = options;
  return (attempt) => Math.floor(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, mostDoublings)));
}
