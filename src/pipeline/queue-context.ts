import { DeliveryContext, effectOf } from "./context.ts";
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
  /** What the delivery is known by: the same for every copy of it. */
  readonly identity?: string;
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
  /** What the delivery is known by; undefined where nothing tells it from others. */
  readonly identity: string | undefined;
}

/**
 * What a queue handler's `enqueue` and `process` are given: the whole delivery. Headers are only those that are safe to
 * keep; `process` sees the same data, events and bytes as `execute` did.
 */
export class WebhookQueueContext<Data = unknown> extends DeliveryContext<Data> {
  readonly attempt: number;
  readonly #signal: () => AbortSignal;
  readonly #handler: string;
  readonly #identity: string | undefined;
  readonly #send: () => Promise<void>;

  constructor(delivery: Delivery, options: QueueContextOptions) {
    super(delivery, (name) => effectOf(delivery, options.handler, options.identity, name));
    this.#identity = options.identity;
    this.attempt = options.attempt;
    this.#signal = options.signal;
    this.#handler = options.handler;
    this.#send = options.send;
  }

  /** Aborted when the worker has to stop, loses its lease, or the time limit of the job has passed. */
  get signal(): AbortSignal {
    return this.#signal();
  }

  /**
   * Has the delivery stored in the injected queue when every handler has run, together with the record that it was handled, and
   * before the provider is answered. If that fails, or a later handler throws, nothing is stored and the provider delivers again.
   */
  async sendToQueue(): Promise<void> {
    await this.#send();
  }

  /** The delivery for a queue of your own; hand it to `webhooks.process()` on the other side. */
  toJSON(): SerializedDelivery {
    return { ...headOf(this, this.#identity), handler: this.#handler, bodyBase64: this.rawBody.toString("base64") };
  }
}

/** The head of a delivery, for storage. */
export function headOf(delivery: Delivery, identity: string | undefined): DeliveryHead {
  const { receiver, id, events, deliveryId, receivedAt, method, headers, query, secretIndex, bodyBound } = delivery;
  const { retryNumber, sentAt, account } = delivery;
  const optional = {
    ...(deliveryId === undefined ? {} : { deliveryId }),
    ...(retryNumber === undefined ? {} : { retryNumber }),
    ...(sentAt === undefined ? {} : { sentAt: sentAt.toISOString() }),
    ...(account === undefined ? {} : { account }),
    ...(identity === undefined ? {} : { identity }),
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
