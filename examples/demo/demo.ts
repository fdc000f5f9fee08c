import { createWebhooks, type Logger, type WebhookServer } from "hookwright";
import { github } from "hookwright/receivers/github";
import { slack } from "hookwright/receivers/slack";
import { standardWebhooks } from "hookwright/receivers/standard-webhooks";
import { stripe } from "hookwright/receivers/stripe";
import Koa from "koa";
import { container } from "tsyringe";
import { AuditPush, Journal, Retired, Weather, Work } from "./handlers.ts";
import { type DemoRequest, demoRequests, demoSecrets } from "./requests.ts";

/** What the demo is started with. */
export interface DemoOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** File of the embedded database. */
  readonly database: string;
  readonly logger: Logger;
  /** Where the story goes, a line at a time. */
  write(line: string): void;
}

/** Starts the app, posts real payloads to it over HTTP, and tells what became of each. */
export async function runDemo({ port, database, logger, write }: DemoOptions): Promise<WebhookServer> {
  const journal = new Journal();
  const scope = container.createChildContainer();
  scope.registerInstance(Journal, journal);
  const webhooks = createWebhooks({
    container: scope,
    receivers: [github, stripe, slack, standardWebhooks],
    handlers: [Work, Weather, Retired, AuditPush],
    secrets: {
      github: { default: demoSecrets.github, "old-shop": demoSecrets.github },
      stripe: demoSecrets.stripe,
      slack: demoSecrets.slack,
      "standard-webhooks": demoSecrets.standardWebhooks,
    },
    database,
    logger,
  });
  const app = new Koa();
  app.use(webhooks.routes());
  const server = await webhooks.listen(app, { port });
  write(`Listening on ${server.url}; deliveries are queued in ${database}\n`);
  for (const request of await demoRequests()) await tell(server.url, request, journal, write);
  const { handled, duplicates, rejected } = webhooks.counts();
  write(`${handled} handled, ${duplicates} duplicate, ${rejected} rejected.`);
  return server;
}

async function tell(base: string, request: DemoRequest, journal: Journal, write: (line: string) => void): Promise<void> {
  const before = journal.entries.length;
  write(`--> ${request.title}`);
  write(`    POST /api/webhooks/incoming${request.path}, ${Buffer.byteLength(request.body)} bytes`);
  const response = await fetch(`${base}/api/webhooks/incoming${request.path}`, {
    method: "POST",
    headers: request.headers,
    body: request.body,
  });
  const text = await response.text();
  if (request.queues) await until(() => journal.entries.slice(before).some((entry) => entry.startsWith("Work")));
  write(`<-- ${response.status}${text === "" ? "" : ` ${text}`}`);
  for (const entry of journal.entries.slice(before)) write(`    ${entry}`);
  write("");
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("The worker did not process the delivery within 10 s.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
