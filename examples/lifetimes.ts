import { createWebhooks, handler, json, type Logger, WebhookHandler, type WebhookHandlerContext, type Webhooks } from "hookwright";
import { github } from "hookwright/receivers/github";
import { container, inject, Lifecycle, scoped, singleton } from "tsyringe";

/** One for the whole process, shared by everything that asks for it. */
@singleton()
export class Totals {
  deliveries = 0;
}

/** One for each delivery: both handlers below are given the same one, and the next delivery gets another. */
@scoped(Lifecycle.ContainerScoped)
export class UnitOfWork {
  readonly changes: string[] = [];
}

/** Needs a `UnitOfWork`, so it is constructed for every delivery. Nothing has to be said. */
@handler({ order: 10 })
export class Collect extends WebhookHandler {
  constructor(@inject(UnitOfWork) private readonly work: UnitOfWork) {
    super();
  }

  override execute(context: WebhookHandlerContext): void {
    this.work.changes.push(...context.events);
  }
}

/** Shares the `UnitOfWork` of its delivery with `Collect`, and `Totals` with everybody. */
@handler({ order: 20 })
export class Answer extends WebhookHandler {
  constructor(
    @inject(UnitOfWork) private readonly work: UnitOfWork,
    @inject(Totals) private readonly totals: Totals,
  ) {
    super();
  }

  override execute(context: WebhookHandlerContext): void {
    this.totals.deliveries++;
    context.response = json({ changes: this.work.changes, deliveries: this.totals.deliveries });
  }
}

/** A child of the global container, so that what is registered here stays here. */
export function createApp(secret: string, logger: Logger): Webhooks {
  return createWebhooks({
    container: container.createChildContainer(),
    receivers: [github],
    handlers: [Collect, Answer],
    secrets: { github: secret },
    logger,
  });
}
