import type { Clock } from "../../src/clock.ts";
import { ConfigurationError } from "../../src/errors.ts";
import { capabilitiesOf } from "../../src/queue/capabilities.ts";
import { memoryQueue } from "../../src/queue/drivers/memory.ts";
import type { Queue } from "../../src/queue/queue.ts";

/** What the engine cannot do. */
export interface NarrowQueueOptions {
  readonly clock: Clock;
  /** Default 64 KiB. */
  readonly largestJobBytes?: number;
  /** Default false. */
  readonly deadLetters?: boolean;
}

/** The memory queue, as if its engine took small jobs only and kept no dead letters: it says so, and refuses the rest. */
export function narrowQueue({ clock, largestJobBytes = 64 * 1024, deadLetters = false }: NarrowQueueOptions): Queue {
  const queue = memoryQueue({ clock });
  const unsupported = async (): Promise<never> => {
    throw new ConfigurationError("unsupported", "The narrow queue cannot do this.");
  };
  return {
    capabilities: { ...capabilitiesOf(queue), engine: "narrow", largestJobBytes, deadLetters },
    send: (job) => (Buffer.byteLength(job.head) + job.body.byteLength > largestJobBytes ? unsupported() : queue.send(job)),
    claim: (options) => (!deadLetters && options.settle?.some(({ outcome }) => outcome === "dead") ? unsupported() : queue.claim(options)),
    renew: (leases, leaseMs) => queue.renew(leases, leaseMs),
    watch: (listener) => queue.watch(listener),
    list: (query) => (!deadLetters && query.state === "dead" ? unsupported() : queue.list(query)),
    retry: (ids) => (deadLetters ? queue.retry(ids) : unsupported()),
    purge: (ids) => (deadLetters ? queue.purge(ids) : unsupported()),
    close: () => queue.close(),
  };
}
