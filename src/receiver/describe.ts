import type { Confirmation, Receiver } from "./define-receiver.ts";
import type { Source } from "./source.ts";

/** A receiver as data: what a catalogue, a console or a page of documentation shows of it. */
export interface ReceiverDescription {
  /** Route name and module: `hookwright/receivers/<slug>`. */
  readonly slug: string;
  /** The name under which the module exports the receiver. */
  readonly exportName: string;
  readonly title: string;
  readonly aliases: readonly string[];
  readonly category: string;
  /** The provider's own page. */
  readonly docs: string;
  readonly confirmed: readonly Confirmation[];
  /** How authenticity is proved, by the name in the glossary. */
  readonly scheme: string;
  /** Headers that carry the proof or are covered by it, in lower case. */
  readonly headers: readonly string[];
  /** Query parameters that carry the proof. */
  readonly parameters: readonly string[];
  /** Whether the proof covers the body. If not, fetch the object before acting on it. */
  readonly bodyBound: boolean;
  /** Whether `publicUrl` has to be set, since the URL is signed. */
  readonly signsUrl: boolean;
  /** Whether verifying takes keys from the provider's servers, fetched by the guarded client and cached. */
  readonly fetchesKeys: boolean;
  /** How old a signed time may be, in seconds; absent where no time is checked. */
  readonly toleranceSeconds?: number;
  readonly secret: {
    /** What is configured, in the provider's words. */
    readonly name: string;
    /** The form that it has. */
    readonly format: string;
    readonly minBytes: number;
    readonly maxBytes: number;
    /** Whether nothing needs to be configured, since the provider publishes its key. */
    readonly isOptional: boolean;
  };
  readonly settings: readonly SettingDescription[];
  readonly handshakes: readonly { readonly method: string; readonly proof: "none" | "scheme" | "setup" }[];
  /** Methods of deliveries. */
  readonly methods: readonly string[];
  /** Kinds of body, preferred one first. */
  readonly body: readonly string[];
  /** Where the event's name stands. */
  readonly eventSource: string;
  /** What events are called. */
  readonly eventNames: string;
  /** Where the delivery's id stands; absent where the provider sends none. */
  readonly deliveryIdSource?: string;
  /** How long the provider waits for an answer, in milliseconds. */
  readonly timeLimitMs?: number;
  /** How it is set up at the provider. */
  readonly setup: string;
  readonly notes: readonly string[];
}

/** A receiver of the catalogue, and where the requests that it is tested with come from. */
export interface CatalogueDescription extends ReceiverDescription {
  readonly vectors: readonly { readonly origin: "documented" | "library" | "computed"; readonly source: string; readonly date: string }[];
}

/** One setting of a receiver. */
export interface SettingDescription {
  readonly name: string;
  readonly kind: string;
  readonly about: string;
  readonly required: boolean;
  readonly default?: unknown;
  readonly choices?: readonly string[];
}

/** Describes a receiver as it is under its default settings. */
export function describeReceiver(receiver: Receiver): ReceiverDescription {
  const { verify, secretBytes, timeLimitMs, deliveryId, confirmed = [] } = receiver;
  return {
    slug: receiver.name,
    exportName: exportNameOf(receiver.name),
    title: receiver.title,
    aliases: receiver.aliases,
    category: receiver.category ?? "",
    docs: receiver.docs,
    confirmed: typeof confirmed === "string" ? [confirmed] : confirmed,
    scheme: verify.name,
    headers: verify.proofHeaders,
    parameters: verify.proofParameters,
    bodyBound: verify.bodyBound,
    signsUrl: verify.signsUrl,
    fetchesKeys: verify.isRemote ?? false,
    ...(verify.toleranceSeconds === undefined ? {} : { toleranceSeconds: verify.toleranceSeconds }),
    secret: {
      name: receiver.secretName ?? "",
      format: verify.secret.description,
      minBytes: secretBytes.min,
      maxBytes: secretBytes.max,
      isOptional: receiver.defaultSecret !== undefined,
    },
    settings: describeSettings(receiver),
    handshakes: receiver.handshakes.map(({ method, proof }) => ({ method, proof })),
    methods: receiver.methods,
    body: receiver.body.kinds,
    eventSource: describeSource(receiver.events),
    eventNames: receiver.eventNames ?? "",
    ...(deliveryId === undefined ? {} : { deliveryIdSource: describeSource(deliveryId) }),
    ...(timeLimitMs === undefined ? {} : { timeLimitMs }),
    setup: receiver.setup ?? "",
    notes: receiver.notes ?? [],
  };
}

/** The name that a module exports its receiver under: `acme-pay` is `acmePay`. */
export function exportNameOf(slug: string): string {
  return slug.replace(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function describeSettings({ settings }: Receiver): readonly SettingDescription[] {
  return Object.entries(settings).map(([name, { kind, about, required, choices, default: standard }]) => {
    const isGiven = standard !== undefined && !(Array.isArray(standard) && standard.length === 0);
    return { name, kind, about, required, ...(isGiven ? { default: standard } : {}), ...(choices ? { choices } : {}) };
  });
}

/** A source in words. */
function describeSource(source: Source): string {
  if (typeof source === "function") return "computed from the request";
  if ("header" in source) return `the header \`${source.header}\``;
  if ("query" in source) return `the query parameter \`${source.query}\``;
  if ("body" in source) return `\`${source.body}\` in the body`;
  if ("value" in source) return `always \`${source.value}\``;
  if ("each" in source) return `${source.joined.map((path) => `\`${path}\``).join(" and ")} of each \`${source.each}\` in the body`;
  if ("narrowedBy" in source) return `${describeSource(source.name)}, also with ${describeSource(source.narrowedBy)}`;
  if ("firstOf" in source) return source.firstOf.map(describeSource).join(", else ");
  return source.joined.map(describeSource).join(` and `);
}
