import { handler, inject, type WebhookQueueContext, WebhookQueueHandler } from "../src/pipeline/index.ts";

/** Token of what {@link QueueHandler} hands deliveries to on a worker: a function, registered in the container. */
export const deliveryProcessor = Symbol.for("hookwright.deliveryProcessor");

/** Does the work of one delivery. It may run more than once; throwing means another try. */
export type DeliveryProcessor = (context: WebhookQueueContext) => void | Promise<void>;

/**
 * Stores every delivery of every receiver in the queue, after all other handlers, and hands each to one function on a worker.
 *
 * @example
 * container.registerInstance<DeliveryProcessor>(deliveryProcessor, async (context) => { … });
 * createWebhooks({ container, handlers: [QueueHandler], … });
 */
@handler({ order: Number.MAX_SAFE_INTEGER, name: "queue" })
export class QueueHandler extends WebhookQueueHandler {
  readonly #process: DeliveryProcessor;

  constructor(@inject(deliveryProcessor) process: DeliveryProcessor) {
    super();
    this.#process = process;
  }

  /** Calls the registered function. */
  override process(context: WebhookQueueContext): void | Promise<void> {
    return this.#process(context);
  }
}
