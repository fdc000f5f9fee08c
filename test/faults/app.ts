// The application under fault: one receiver, one queue handler that notes each delivery in a ledger, the embedded database.
import { appendFileSync } from "node:fs";
import Koa from "koa";
import { github } from "../../receivers/github.ts";
import { createWebhooks, handler, silentLogger, type WebhookQueueContext, WebhookQueueHandler } from "../../src/index.ts";

const [database = "", ledger = "", secret = ""] = process.argv.slice(2);

class Work extends WebhookQueueHandler {
  override process(context: WebhookQueueContext): void {
    appendFileSync(ledger, `${context.deliveryId} ${context.rawBody.length}\n`);
  }
}
handler({ name: "work" })(Work);

const webhooks = createWebhooks({
  receivers: [github],
  handlers: [Work],
  secrets: { github: secret },
  database,
  logger: silentLogger,
  // A lease outlives the process that was killed; a short one keeps the test short.
  worker: { leaseMs: 300, pollMs: 50 },
});
const app = new Koa();
app.use(webhooks.routes());
const server = await webhooks.listen(app, { port: 0, host: "127.0.0.1" });
console.log(server.port);
