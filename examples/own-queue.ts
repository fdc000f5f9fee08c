import {
  createWebhooks,
  handler,
  type Logger,
  type SerializedDelivery,
  type Store,
  type WebhookQueueContext,
  WebhookQueueHandler,
  type Webhooks,
} from "hookwright";
import { github } from "hookwright/receivers/github";
import { container, type DependencyContainer, inject } from "tsyringe";

/** The part of a broker's client that is needed: `publish` resolves when the broker has the message safely. */
export interface Broker {
  publish(topic: string, message: string): Promise<void>;
}

export const brokerToken = Symbol("Broker");

@handler({ receiver: "github", events: ["push"] })
export class Deploy extends WebhookQueueHandler {
  constructor(@inject(brokerToken) private readonly broker: Broker) {
    super();
  }

  /** In the request. A rejection answers 503, and the provider delivers again. */
  override async enqueue(context: WebhookQueueContext): Promise<void> {
    await this.broker.publish("webhooks", JSON.stringify(context));
  }

  /** Wherever the message is consumed. */
  override process(context: WebhookQueueContext): void {
    console.log(`deploying ${context.getDataOrDefault<{ ref: string }>()?.ref}, attempt ${context.attempt}`);
  }
}

export interface AppOptions {
  readonly broker: Broker;
  readonly store: Store;
  readonly secret: string;
  readonly logger: Logger;
}

/** The same options in the process that receives and in the one that consumes. `worker: false`: no embedded queue is opened. */
export function createApp({ broker, store, secret, logger }: AppOptions): Webhooks {
  const scope: DependencyContainer = container.createChildContainer();
  scope.registerInstance(brokerToken, broker);
  return createWebhooks({
    container: scope,
    receivers: [github],
    handlers: [Deploy],
    secrets: { github: secret },
    store,
    worker: false,
    logger,
  });
}

/** Called by the broker's client for each message. A rejection means: not acknowledged, deliver it again. */
export async function consume(webhooks: Webhooks, message: string, attempt: number): Promise<void> {
  await webhooks.process(JSON.parse(message) as SerializedDelivery, { attempt });
}
