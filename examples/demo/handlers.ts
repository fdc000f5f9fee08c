import { gone, handler, json, WebhookHandler, type WebhookHandlerContext, type WebhookQueueContext, WebhookQueueHandler } from "hookwright";
import { inject, injectable } from "tsyringe";

/** What the demo's handlers tell, in the order in which it happened. */
@injectable()
export class Journal {
  readonly entries: string[] = [];

  write(entry: string): void {
    this.entries.push(entry);
  }
}

/** Runs first, for pushes only, and reads the typed payload. */
@handler({ order: 10, receiver: "github", events: ["push"] })
export class AuditPush extends WebhookHandler {
  constructor(@inject(Journal) private readonly journal: Journal) {
    super();
  }

  override execute(context: WebhookHandlerContext): void {
    const push = context.getDataOrDefault<{ ref: string; repository: { full_name: string } }>();
    this.journal.write(`AuditPush (order 10): ${push?.ref} of ${push?.repository.full_name}`);
  }
}

/** Runs second, for every receiver, and answers 410 for a retired id. Nothing after it is called then. */
@handler({ order: 20 })
export class Retired extends WebhookHandler {
  constructor(@inject(Journal) private readonly journal: Journal) {
    super();
  }

  override execute(context: WebhookHandlerContext): void {
    if (context.id !== "old-shop") return;
    context.response = gone();
    this.journal.write("Retired (order 20): 410 Gone, later handlers are not called");
  }
}

/** Answers a slash command into the channel that it came from. */
@handler({ order: 30, receiver: "slack", events: ["/weather"] })
export class Weather extends WebhookHandler {
  constructor(@inject(Journal) private readonly journal: Journal) {
    super();
  }

  override execute(context: WebhookHandlerContext): void {
    const command = context.getDataOrDefault<{ text: string }>();
    context.response = json({ response_type: "in_channel", text: `Sunny in ${command?.text}` });
    this.journal.write("Weather (order 30): answered into the channel");
  }
}

/** Runs last: stores the delivery durably before the 2xx leaves, and works on it afterwards. */
@handler({ order: 90 })
export class Work extends WebhookQueueHandler {
  constructor(@inject(Journal) private readonly journal: Journal) {
    super();
  }

  override process(context: WebhookQueueContext): void {
    this.journal.write(
      `Work (worker, attempt ${context.attempt}): ${context.receiver} ${context.events.join(", ")}, ${context.rawBody.length} bytes`,
    );
  }
}
