import {
  createWebhooks,
  gone,
  handler,
  WebhookHandler,
  type WebhookHandlerContext,
  type WebhookQueueContext,
  WebhookQueueHandler,
} from "hookwright";
import { github } from "hookwright/receivers/github";
import Koa from "koa";

@handler({ order: 10, receiver: "github", events: ["push"] })
class AuditPush extends WebhookHandler {
  execute(context: WebhookHandlerContext): void {
    const push = context.getDataOrDefault<{ ref: string }>();
    console.log(`push to ${push?.ref} (delivery ${context.deliveryId})`);
  }
}

@handler({ order: 20 })
class Retired extends WebhookHandler {
  execute(context: WebhookHandlerContext): void {
    if (context.id === "old-shop") context.response = gone(); // 410; no later handler is called
  }
}

@handler({ order: 90 })
class Work extends WebhookQueueHandler {
  // Runs on a worker, after the answer has left. Retried when it throws.
  async process(context: WebhookQueueContext): Promise<void> {
    console.log(`working on ${context.events.join(", ")}, attempt ${context.attempt}`);
  }
}

const secret = process.env["GITHUB_SECRET"] ?? "It's a Secret to Everybody";

const webhooks = createWebhooks({
  receivers: [github],
  handlers: [AuditPush, Retired, Work],
  secrets: { github: { default: secret, "old-shop": secret } },
});

const app = new Koa();
app.use(webhooks.routes()); // POST /api/webhooks/incoming/github and …/github/:id
await webhooks.listen(app, Number(process.env["PORT"] ?? 3000));
