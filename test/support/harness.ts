import { afterEach } from "@jest/globals";
import type { WebhookResponse, WebhooksOptions } from "hookwright";
import { createWebhooks, type Webhooks } from "hookwright";
import { github } from "hookwright/receivers/github";
import { deliver, memoryQueue, memoryStore, type SignRequestOptions, signRequest } from "hookwright/testing";
import type { Queue } from "../../src/queue/queue.ts";
import type { Store } from "../../src/store/store.ts";
import { RecordingLogger } from "./recording-logger.ts";

/** The secret of every receiver in these tests, unless a test says otherwise. */
export const secret = "not-a-secret-but-long-enough-0001";

/** Webhooks for GitHub, in memory, and what they logged. */
export interface Harness {
  readonly webhooks: Webhooks;
  readonly log: RecordingLogger;
  readonly queue: Queue;
  readonly store: Store;
  /** Delivers a signed push without a socket. */
  push(options?: Partial<SignRequestOptions> & { readonly path?: string }): Promise<Required<WebhookResponse>>;
}

const cleanUps: (() => Promise<unknown>)[] = [];

/** Runs after the current test, last registered first. */
export function afterThisTest(cleanUp: () => Promise<unknown>): void {
  cleanUps.push(cleanUp);
}

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Wires webhooks with defaults that touch neither disk nor standard output. */
export function harness(options: Partial<WebhooksOptions> = {}): Harness {
  const log = new RecordingLogger();
  const queue = options.queue ?? memoryQueue();
  const store = options.store ?? memoryStore();
  const webhooks = createWebhooks({ receivers: [github], secrets: { github: secret }, logger: log, ...options, queue, store });
  afterThisTest(() => webhooks.close({ graceMs: 0 }));
  return {
    webhooks,
    log,
    queue,
    store,
    push: ({ path = "", ...request } = {}) =>
      deliver(webhooks, signedPush({ url: `https://example.test/api/webhooks/incoming/github${path}`, ...request })),
  };
}

/** A push as GitHub signs it. */
export function signedPush(options: Partial<SignRequestOptions> = {}) {
  return signRequest(github, { secret, event: "push", body: { ref: "refs/heads/main" }, ...options });
}
