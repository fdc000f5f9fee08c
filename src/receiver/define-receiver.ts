import { ConfigurationError } from "../errors.ts";
import type { BodyKind, BodyRule } from "./body.ts";
import type { Handshake } from "./handshake.ts";
import type { Source, VerifiedRequest } from "./source.ts";
import type { Scheme } from "./verification.ts";

/** An answer that a receiver gives where no handler gave one. */
export interface DefaultAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Where a request carries an event and a delivery id, for receivers whose sources are functions. */
export interface SampleParts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Members of the body. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The declaration of one provider: about ten lines of data, each of which may be a function instead. */
export interface ReceiverDefinition {
  /** Route name and key of the receiver in options: lower case, digits and dashes. */
  readonly name: string;
  /** The provider's own spelling. */
  readonly title: string;
  /** Where the provider documents its webhooks. */
  readonly docs: string;
  /** How authenticity is proved. */
  // biome-ignore lint/suspicious/noExplicitAny: a scheme's key is its own affair; it is only ever handed back to it.
  readonly verify: Scheme<any>;
  /** Where the event's name stands. A delivery may carry several. */
  readonly events: Source;
  /** Whether a delivery without an event is refused with 400. Default true. */
  readonly eventRequired?: boolean;
  /** Where the provider's own identifier of a delivery stands, the same on a redelivery. Absent: it has none. */
  readonly deliveryId?: Source;
  /** Which bodies are read. Default `json`. */
  readonly body?: BodyKind | BodyRule;
  /** What becomes of the parsed body before handlers see it. Default: nothing. */
  readonly data?: (verified: VerifiedRequest) => unknown;
  /** Requests that prove that we own the URL. */
  readonly handshakes?: readonly Handshake[];
  /** Methods of deliveries. Default POST. */
  readonly methods?: readonly ("POST" | "PUT" | "GET")[];
  /** Shortest and longest secret, in bytes, that start-up accepts. Default 16 to 4,096. */
  readonly secretBytes?: { readonly min?: number; readonly max?: number };
  /** Whether the provider signs the bytes on the wire or what they decompress to. Default `wire`. */
  readonly signs?: "wire" | "content";
  /** Headers, besides those named above, that may be logged and kept in the queue. */
  readonly safeHeaders?: readonly string[];
  /** Parts of a request from which `events` and `deliveryId` read these values, where they are functions. For test requests only. */
  readonly sample?: (event: string | undefined, deliveryId: string) => SampleParts;
  /** The answer where no handler set one. Default: 200 with an empty body. */
  readonly respond?: DefaultAnswer;
}

/** A receiver with its defaults filled in: the value that `createWebhooks({ receivers })` takes. */
export interface Receiver extends Omit<ReceiverDefinition, "body" | "verify" | "methods"> {
  // biome-ignore lint/suspicious/noExplicitAny: as in the definition.
  readonly verify: Scheme<any>;
  readonly body: BodyRule;
  readonly eventRequired: boolean;
  readonly handshakes: readonly Handshake[];
  readonly methods: readonly string[];
  readonly secretBytes: { readonly min: number; readonly max: number };
  readonly signs: "wire" | "content";
  readonly safeHeaders: readonly string[];
  readonly respond: DefaultAnswer;
}

/**
 * Makes a receiver of a declaration.
 *
 * @throws ConfigurationError `invalid_receiver` if the declaration contradicts itself.
 */
export function defineReceiver(definition: ReceiverDefinition): Receiver {
  const fault = faultOf(definition);
  if (fault) throw new ConfigurationError("invalid_receiver", `defineReceiver("${String(definition.name)}"): ${fault}`);
  const { body = "json" } = definition;
  return Object.freeze({
    ...definition,
    body: typeof body === "string" ? { kinds: [body] } : body,
    eventRequired: definition.eventRequired ?? true,
    handshakes: definition.handshakes ?? [],
    methods: definition.methods ?? ["POST"],
    secretBytes: { min: definition.secretBytes?.min ?? 16, max: definition.secretBytes?.max ?? 4096 },
    signs: definition.signs ?? "wire",
    safeHeaders: safeHeadersOf(definition),
    respond: definition.respond ?? { status: 200 },
  });
}

/** Every method that some request to the receiver may use, for the `Allow` header. */
export function allowedMethods(receiver: Receiver): readonly string[] {
  return [...new Set([...receiver.methods, ...receiver.handshakes.map((handshake) => handshake.method)])];
}

function faultOf(definition: ReceiverDefinition): string | undefined {
  if (typeof definition.name !== "string" || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(definition.name))
    return "`name` takes lower-case letters, digits and dashes.";
  if (typeof definition.verify?.verify !== "function") return "`verify` takes a scheme, such as `hmac({ header: … })`.";
  if (definition.events === undefined) return '`events` says where the event\'s name stands; a constant is `{ value: "change" }`.';
  const { min = 16, max = 4096 } = definition.secretBytes ?? {};
  if (min < 1 || max < min) return "`secretBytes` takes 1 ≤ min ≤ max.";
  return undefined;
}

/** Headers that say nothing secret; the proof's own are never among them. */
function safeHeadersOf(definition: ReceiverDefinition): readonly string[] {
  const named = [definition.events, definition.deliveryId].flatMap((source) =>
    typeof source === "object" && "header" in source ? [source.header] : [],
  );
  const all = ["content-type", "content-encoding", "user-agent", "date", ...named, ...(definition.safeHeaders ?? [])];
  const secret = new Set(definition.verify.proofHeaders);
  return [...new Set(all.map((name) => name.toLowerCase()))].filter(
    (name) => !secret.has(name) || named.some((one) => one.toLowerCase() === name),
  );
}
