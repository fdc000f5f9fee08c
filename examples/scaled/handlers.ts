import { handler, type WebhookQueueContext, WebhookQueueHandler } from "hookwright";

/** Slow work, done by whichever worker process is free. */
@handler({ receiver: "github", events: ["push"] })
export class Deploy extends WebhookQueueHandler {
  async process(context: WebhookQueueContext): Promise<void> {
    const { ref } = context.data as { readonly ref: string };
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log(`deployed ${ref} (delivery ${context.deliveryId}, attempt ${context.attempt})`);
  }
}
