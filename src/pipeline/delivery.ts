import { type FormFields, type Receiver, type ReceiverRequest, readSource, readTime, type VerifiedRequest } from "../receiver/index.ts";

/** A verified and read webhook request: the facts that handlers are given. */
export interface Delivery {
  /** Name of the receiver, in lower case. */
  readonly receiver: string;
  /** Last URL segment, in lower case; `default` where the URL names none. */
  readonly id: string;
  /** What happened: one or more dotted names. */
  readonly events: readonly string[];
  /** The provider's own identifier of this delivery, the same on a redelivery. */
  readonly deliveryId: string | undefined;
  readonly receivedAt: Date;
  readonly method: string;
  /** Header names in lower case. A secret token is not among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: FormFields;
  /** The body bytes as the provider sent them. */
  readonly rawBody: Buffer;
  /** The body as a value. */
  readonly data: unknown;
  /** Which secret matched, as its position in the list: 0 is the newest. */
  readonly secretIndex: number;
  /** Whether the proof covers the body. If not, fetch the object from the provider before acting on it. */
  readonly bodyBound: boolean;
  /** Whether `data` holds a whole number past 2^53, which JavaScript has rounded; `rawBody` has it exactly. */
  readonly hasUnsafeIntegers: boolean;
  /** Which retry this is, as the provider counts; undefined where it does not say. */
  readonly retryNumber: number | undefined;
  /** When the provider says that it sent this, or that it happened; undefined where it does not say. */
  readonly sentAt: Date | undefined;
  /** Tenant, account, shop or workspace at the provider; undefined where it names none. */
  readonly account: string | undefined;
}

/** A delivery just received. Headers and query are made when a handler first looks at them. */
export class ReceivedDelivery implements Delivery {
  readonly receiver: string;
  readonly id: string;
  readonly events: readonly string[];
  readonly deliveryId: string | undefined;
  readonly receivedAt: Date;
  readonly method: string;
  readonly rawBody: Buffer;
  readonly data: unknown;
  readonly secretIndex: number;
  readonly bodyBound: boolean;
  readonly hasUnsafeIntegers: boolean;
  readonly #receiver: Receiver;
  readonly #read: VerifiedRequest;
  readonly #request: ReceiverRequest;
  #headers: Readonly<Record<string, string>> | undefined;
  #query: FormFields | undefined;

  constructor(
    facts: Omit<Delivery, "receiver" | "method" | "headers" | "query" | "data" | "retryNumber" | "sentAt" | "account">,
    receiver: Receiver,
    read: VerifiedRequest,
  ) {
    this.receiver = receiver.name;
    this.id = facts.id;
    this.events = facts.events;
    this.deliveryId = facts.deliveryId;
    this.receivedAt = facts.receivedAt;
    this.method = read.request.method;
    this.rawBody = facts.rawBody;
    this.data = read.data;
    this.secretIndex = facts.secretIndex;
    this.bodyBound = facts.bodyBound;
    this.hasUnsafeIntegers = facts.hasUnsafeIntegers;
    this.#receiver = receiver;
    this.#request = read.request;
    this.#read = read;
  }

  get retryNumber(): number | undefined {
    return retryNumberOf(this.#receiver, this.#read);
  }

  get sentAt(): Date | undefined {
    return sentAtOf(this.#receiver, this.#read);
  }

  get account(): string | undefined {
    return accountOf(this.#receiver, this.#read);
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= visibleHeaders(this.#receiver, this.#request);
    return this.#headers;
  }

  get query(): FormFields {
    this.#query ??= visibleQuery(this.#receiver, this.#request);
    return this.#query;
  }
}

/**
 * The provider's own identifier of a delivery. Of several parts all must be there: what some of them say may be true of other
 * deliveries too.
 */
export function deliveryIdOf({ deliveryId }: Receiver, read: VerifiedRequest): string | undefined {
  if (deliveryId === undefined) return undefined;
  if (typeof deliveryId === "object" && "joined" in deliveryId && !("each" in deliveryId)) {
    const isWhole = deliveryId.joined.every((part) => readSource(part, read).length > 0);
    if (!isWhole) return undefined;
  }
  return readSource(deliveryId, read)[0];
}

/** The provider's own count of retries. */
export function retryNumberOf({ retryNumber }: Receiver, read: VerifiedRequest): number | undefined {
  const text = retryNumber === undefined ? undefined : readSource(retryNumber, read)[0];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The time that the provider states. */
export function sentAtOf({ sentAt }: Receiver, read: VerifiedRequest): Date | undefined {
  const text = sentAt === undefined ? undefined : readSource(sentAt.from, read)[0];
  const seconds = text === undefined || sentAt === undefined ? undefined : readTime(text, sentAt.unit);
  return seconds === undefined ? undefined : new Date(seconds * 1000);
}

/** The tenant at the provider. */
export function accountOf({ account }: Receiver, read: VerifiedRequest): string | undefined {
  return account === undefined ? undefined : readSource(account, read)[0];
}

/** Headers as handlers see them: all of them, less a token that is itself the secret. */
function visibleHeaders(receiver: Receiver, request: ReceiverRequest): Record<string, string> {
  const headers = request.headers.toObject();
  if (receiver.verify.proofIsSecret) for (const name of receiver.verify.proofHeaders) delete headers[name];
  return headers;
}

/** The query as handlers see it, less parameters that carry a proof. */
export function visibleQuery(receiver: Receiver, request: ReceiverRequest): FormFields {
  const fields: Record<string, string | readonly string[]> = Object.create(null);
  for (const name of new Set(request.query.keys())) {
    if (receiver.verify.proofParameters.includes(name) || name === "__proto__") continue;
    const values = request.query.getAll(name);
    fields[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  return fields;
}

/** The headers that may be stored and logged: an allow-list, since providers have put secrets into headers before. */
export function safeHeaders(receiver: Receiver, headers: Readonly<Record<string, string>>): Record<string, string> {
  const safe: Record<string, string> = {};
  for (const name of receiver.safeHeaders) {
    const value = headers[name];
    if (value !== undefined) safe[name] = value;
  }
  return safe;
}
