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
import { injectable } from "tsyringe";

@injectable()
class AuditLog {
  readonly entries: string[] = [];
}

@handler({ order: 10, receiver: "github", events: ["push"] })
class AuditPush extends WebhookHandler {
  constructor(private readonly audit: AuditLog) {
    super();
  }

  async execute(context: WebhookHandlerContext): Promise<void> {
    this.audit.entries.push(...context.events);
  }
}

@handler({ order: 20 })
class Retired extends WebhookHandler {
  execute(context: WebhookHandlerContext): void {
    if (context.id === "old-shop") context.response = gone();
  }
}

@handler({ order: 90 })
class Work extends WebhookQueueHandler {
  readonly seen: WebhookQueueContext[] = [];

  async process(context: WebhookQueueContext): Promise<void> {
    this.seen.push(context);
  }
}

const webhooks = createWebhooks({
  receivers: [github],
  handlers: [AuditPush, Retired, Work],
  secrets: { github: { default: "a secret", acme: ["new secret", "old secret"] } },
});

export const app = new Koa();
app.use(webhooks.routes());
