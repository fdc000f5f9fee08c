import { createLogger, createWebhooks, type Webhooks } from "hookwright";
import { github } from "hookwright/receivers/github";
import { Deploy } from "./handlers.ts";

/** What every process is made of: the same receivers and handlers, on one database. Only what it runs differs. */
export function createApp(database: string, secret: string, role: "web" | "worker"): Webhooks {
  return createWebhooks({
    receivers: [github],
    handlers: [Deploy],
    secrets: { github: secret },
    database, // postgres://…: queue and store
    worker: role === "worker" ? { concurrency: 5, leaseMs: 2_000 } : false, // a short lease, to show soon what a crash does
    logger: createLogger("warn"),
  });
}
