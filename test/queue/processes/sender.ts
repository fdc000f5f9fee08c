// Sends jobs until there are enough, or until it is told to stop; says each id, and the digest of its body, once it has been stored.
import { setTimeout as delay } from "node:timers/promises";
import { isWebhookError, rootCauseOf } from "../../../src/errors.ts";
import { openQueue } from "../open-queue.ts";
import { childOptions, digestOf, say, sayClosed, told } from "./child.ts";
import { randomBytesFrom } from "./seed.ts";

/** What this script takes. */
export interface SenderOptions {
  readonly prefix: string;
  /** Default: until it is told to stop. */
  readonly count?: number;
  /** Ids to send before any of its own. */
  readonly first?: readonly string[];
  /** How many at a time. */
  readonly concurrency: number;
  /** Between two of one lane. */
  readonly pauseMs?: number;
  readonly bodyBytes: number;
  readonly seed: number;
  /** Whether a failed send is tried again, with the same id. */
  readonly retries?: boolean;
}

const {
  spec,
  prefix,
  count = Number.POSITIVE_INFINITY,
  first = [],
  concurrency,
  pauseMs,
  bodyBytes,
  seed,
  retries,
} = childOptions<SenderOptions>();
const queue = await openQueue(spec);
let sent = 0;
let isStopped = false;
const complaints = new Set<string>();
if (count === Number.POSITIVE_INFINITY) void told("stop").then(() => (isStopped = true));

for (const id of first) await send(id, 0);
await Promise.all(Array.from({ length: concurrency }, lane));
await queue.close();
sayClosed();

async function lane(): Promise<void> {
  while (sent < count && !isStopped) {
    const number = ++sent;
    await send(`${prefix}-${number}`, number);
    if (pauseMs !== undefined) await delay(pauseMs);
  }
}

async function send(id: string, number: number): Promise<void> {
  const body = randomBytesFrom(seed + number, bodyBytes);
  for (;;) {
    try {
      await queue.send({ id, handler: "Work", head: "{}", body });
      say("sent", id, digestOf(body));
      return;
    } catch (error) {
      if (!retries || !isWebhookError(error) || error.code !== "queue_unavailable") throw error;
      say("failed", id);
      complainOnce(`${rootCauseOf(error)}`);
      await delay(100);
    }
  }
}

function complainOnce(complaint: string): void {
  if (!complaints.has(complaint)) console.error(complaint);
  complaints.add(complaint);
}
