import { handler, type WebhookQueueContext, WebhookQueueHandler } from "hookwright";

interface Order {
  readonly customer: string;
  readonly status: string;
}

/** The orders of one customer in the order in which they came; those of others beside them. */
@handler({
  receiver: "shopify",
  events: ["orders.*"],
  orderingKey: (delivery) => (delivery.data as Order).customer,
  afterDeadLetter: "wait", // until somebody has retried or purged it; "continue" passes over it
})
export class TrackOrder extends WebhookQueueHandler {
  process(context: WebhookQueueContext): void {
    const { customer, status } = context.data as Order;
    console.log(`${customer}: ${status}`);
  }
}
