import type { FormFields } from "../receiver/index.ts";
import type { Delivery } from "./delivery.ts";
import type { WebhookResponse } from "./response.ts";

/** What `execute` and `process` have in common: the delivery, and typed access to its data. */
export abstract class DeliveryContext<Data = unknown> implements Delivery {
  readonly #delivery: Delivery;

  constructor(delivery: Delivery) {
    this.#delivery = delivery;
  }

  get receiver(): string {
    return this.#delivery.receiver;
  }
  get id(): string {
    return this.#delivery.id;
  }
  get events(): readonly string[] {
    return this.#delivery.events;
  }
  get deliveryId(): string | undefined {
    return this.#delivery.deliveryId;
  }
  get receivedAt(): Date {
    return this.#delivery.receivedAt;
  }
  get method(): string {
    return this.#delivery.method;
  }
  get headers(): Readonly<Record<string, string>> {
    return this.#delivery.headers;
  }
  get query(): FormFields {
    return this.#delivery.query;
  }
  get rawBody(): Buffer {
    return this.#delivery.rawBody;
  }
  /** The body as a value. Its type is what the provider documents; nobody has checked that the provider keeps to it. */
  get data(): Data {
    return this.#delivery.data as Data;
  }
  get secretIndex(): number {
    return this.#delivery.secretIndex;
  }
  get bodyBound(): boolean {
    return this.#delivery.bodyBound;
  }
  get hasUnsafeIntegers(): boolean {
    return this.#delivery.hasUnsafeIntegers;
  }
  get retryNumber(): number | undefined {
    return this.#delivery.retryNumber;
  }
  get sentAt(): Date | undefined {
    return this.#delivery.sentAt;
  }
  get account(): string | undefined {
    return this.#delivery.account;
  }

  /**
   * The data, or undefined, or the given default, where there is none. Its type is the context's, as in
   * `ContextOf<typeof github, "push">`, or the `T` that the caller vouches for.
   */
  getDataOrDefault<T = Data>(): T | undefined;
  getDataOrDefault<T = Data>(otherwise: T): T;
  getDataOrDefault<T = Data>(otherwise?: T): T | undefined {
    const { data } = this.#delivery;
    return data === undefined || data === null || data === "" ? otherwise : (data as T);
  }
}

/** What a handler's `execute` is given. One context serves all handlers of a delivery, in turn. */
export class WebhookHandlerContext<Data = unknown> extends DeliveryContext<Data> {
  /** Set it to answer the provider and end the run: no later handler is called. */
  response: WebhookResponse | undefined;
  readonly #lazySignal: () => AbortSignal;
  #state: Record<string, unknown> | undefined;

  constructor(delivery: Delivery, signal: () => AbortSignal) {
    super(delivery);
    this.#lazySignal = signal;
  }

  /** Values for later handlers of the same delivery. */
  get state(): Record<string, unknown> {
    this.#state ??= Object.create(null) as Record<string, unknown>;
    return this.#state;
  }

  /** Aborted when the time limit of the run has passed, or the process has to stop. */
  get signal(): AbortSignal {
    return this.#lazySignal();
  }
}
