import { crc32 } from "node:zlib";
import type { FormFields } from "../receiver/index.ts";
import type { Delivery } from "./delivery.ts";
import { type EffectTransaction, effectKey, type OnceOptions, runOnce, runOnceSync, type StatementTransaction } from "./effects.ts";
import type { WebhookResponse } from "./response.ts";

/** What `execute` and `process` have in common: the delivery, and typed access to its data. */
export abstract class DeliveryContext<Data = unknown> implements Delivery {
  readonly #delivery: Delivery;
  readonly #effectOf: (name: string) => string;

  constructor(delivery: Delivery, effectOf: (name: string) => string) {
    this.#delivery = delivery;
    this.#effectOf = effectOf;
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

  /**
   * Runs an effect exactly once, inside a transaction of your own PostgreSQL or SQLite database: a record of it is committed with
   * it, in the table `hookwright_effects`, made when first needed. When the delivery comes again or the job is retried, the effect
   * does not run, and the answer is false. What the effect does elsewhere, such as a call to another service, is not covered.
   *
   * @throws TypeError if the first argument is no transaction.
   * @example await context.once(client, () => client.query("UPDATE accounts SET …"));
   */
  once(transaction: EffectTransaction, effect: () => unknown, { name = "" }: OnceOptions = {}): Promise<boolean> {
    return runOnce(transaction, this.#effectOf(name), effect);
  }

  /** As {@link once}, for a SQLite connection that other work shares: between `BEGIN` and `COMMIT` nothing is awaited. */
  onceSync(transaction: StatementTransaction, effect: () => unknown, { name = "" }: OnceOptions = {}): boolean {
    return runOnceSync(transaction, this.#effectOf(name), effect);
  }
}

/** Where a {@link WebhookHandlerContext} comes from. */
export interface HandlerContextOptions {
  readonly signal: () => AbortSignal;
  /** What the delivery is known by; undefined where nothing tells it from others. */
  readonly identity: string | undefined;
  /** Name of the handler that is running. */
  readonly handler: () => string;
}

/** What a handler's `execute` is given. One context serves all handlers of a delivery, in turn. */
export class WebhookHandlerContext<Data = unknown> extends DeliveryContext<Data> {
  /** Set it to answer the provider and end the run: no later handler is called. */
  response: WebhookResponse | undefined;
  readonly #lazySignal: () => AbortSignal;
  #state: Record<string, unknown> | undefined;

  constructor(delivery: Delivery, { signal, identity, handler }: HandlerContextOptions) {
    super(delivery, (name) => effectOf(delivery, handler(), identity, name));
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

/** Key of an effect of a handler on a delivery. What is known by nothing is told apart by when it came and what it says. */
export function effectOf(delivery: Delivery, handler: string, identity: string | undefined, name: string): string {
  const { receiver, id, receivedAt, rawBody } = delivery;
  const known = identity ?? `${receivedAt.toISOString()}/${crc32(rawBody)}`;
  return effectKey([handler, receiver, id, known, name]);
}
