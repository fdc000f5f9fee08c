import { ApplicationError, RejectDelivery } from "../errors.ts";
import type { WebhookHandlerContext } from "./context.ts";
import { WebhookHandler } from "./handler.ts";
import type { WebhookQueueContext } from "./queue-context.ts";

/**
 * A handler whose work is done later. In the request the whole delivery is stored in the queue, before the 2xx leaves;
 * on a worker `process` runs, is retried with growing pauses, and in the end becomes a dead letter.
 */
export abstract class WebhookQueueHandler extends WebhookHandler {
  /** Called in the request by the pipeline; calls {@link enqueue}. A failure answers 503 with `Retry-After`. */
  override async execute(context: WebhookHandlerContext): Promise<void> {
    try {
      await this.enqueue(queueContextOf(context));
    } catch (cause) {
      const isHandlers = cause instanceof RejectDelivery || (cause instanceof ApplicationError && cause.code === "handler_failed");
      throw isHandlers ? cause : queueUnavailable(cause);
    }
  }

  /** Stores the delivery in the injected queue. Override it to use any other queue: `context.toJSON()` is the whole delivery. */
  async enqueue(context: WebhookQueueContext): Promise<void> {
    await context.sendToQueue();
  }

  /** Does the work, on a worker. It may run more than once: make it idempotent on `context.deliveryId`. */
  abstract process(context: WebhookQueueContext): void | Promise<void>;
}

/** Ties a run's context to the queue context that the pipeline prepared for the current handler. */
export function bindQueueContext(context: WebhookHandlerContext, make: () => WebhookQueueContext): void {
  makers.set(context, make);
}

function queueContextOf(context: WebhookHandlerContext): WebhookQueueContext {
  const make = makers.get(context);
  if (!make) throw new TypeError("WebhookQueueHandler.execute() is called by the pipeline; in a test use deliver() of hookwright/testing.");
  return make();
}

const makers = new WeakMap<WebhookHandlerContext, () => WebhookQueueContext>();

/** What the provider is answered when a delivery may not have been stored: come again. */
export function queueUnavailable(cause: unknown): ApplicationError {
  return new ApplicationError("queue_unavailable", undefined, { cause, headers: { "retry-after": "5" } });
}
