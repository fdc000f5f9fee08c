import { DeliveryContext } from "./context.ts";
import type { Delivery } from "./delivery.ts";

/** A delivery in a form that any queue can carry: JSON, with the body in base64. */
export interface SerializedDelivery extends DeliveryHead {
  /** Name of the queue handler that is to process it. */
  readonly handler: string;
  readonly bodyBase64: string;
}

/** Everything but the body. Version 1. */
export interface DeliveryHead {
  readonly version: 1;
  readonly receiver: string;
  readonly id: string;
  readonly events: readonly string[];
  readonly deliveryId?: string;
  readonly receivedAt: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly secretIndex: number;
  readonly bodyBound: boolean;
  readonly retryNumber?: number;
  readonly sentAt?: string;
  readonly account?: string;
}

/** Where a {@link WebhookQueueContext} comes from. */
export interface QueueContextOptions {
  /** Name of the queue handler. */
  readonly handler: string;
  /** Stores the delivery in the injected queue. */
  readonly send: () => Promise<void>;
  /** How often the job has been claimed, this time included; 0 before it is queued. */
  readonly attempt: number;
  readonly signal: () => AbortSignal;
}

/**
 * What a queue handler's `enqueue` and `process` are given: the whole delivery. Headers are only those that are safe to
 * keep; `process` sees the same data, events and bytes as `execute` did.
 */
export class WebhookQueueContext<Data = unknown> extends DeliveryContext<Data> {
  readonly attempt: number;
  readonly #signal: () => AbortSignal;
  readonly #handler: string;
  readonly #send: () => Promise<void>;

  constructor(delivery: Delivery, options: QueueContextOptions) {
    super(delivery);
    this.attempt = options.attempt;
    this.#signal = options.signal;
    this.#handler = options.handler;
    this.#send = options.send;
  }

  /** Aborted when the worker has to stop, loses its lease, or the time limit of the job has passed. */
  get signal(): AbortSignal {
    return this.#signal();
  }

  /** Stores the delivery in the injected queue; resolves when it would survive a crash. */
  async sendToQueue(): Promise<void> {
    await this.#send();
  }

  /** The delivery for a queue of your own; hand it to `webhooks.process()` on the other side. */
  toJSON(): SerializedDelivery {
    return { ...headOf(this), handler: this.#handler, bodyBase64: this.rawBody.toString("base64") };
  }
}

/** The head of a delivery, for storage. */
export function headOf(delivery: Delivery): DeliveryHead {
  const { receiver, id, events, deliveryId, receivedAt, method, headers, query, secretIndex, bodyBound } = delivery;
  const { retryNumber, sentAt, account } = delivery;
  const optional = {
    ...(deliveryId === undefined ? {} : { deliveryId }),
    ...(retryNumber === undefined ? {} : { retryNumber }),
    ...(sentAt === undefined ? {} : { sentAt: sentAt.toISOString() }),
    ...(account === undefined ? {} : { account }),
  };
  return {
    version: 1,
    receiver,
    id,
    events,
    ...optional,
    receivedAt: receivedAt.toISOString(),
    method,
    headers,
    query,
    secretIndex,
    bodyBound,
  };
}
