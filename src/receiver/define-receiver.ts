import { ConfigurationError } from "../errors.ts";
import type { BodyKind, BodyRule } from "./body.ts";
import type { Handshake } from "./handshake.ts";
import type { ReceiverRequest } from "./request.ts";
import type { TimeUnit } from "./schemes/timestamp.ts";
import { commonSettings, readSettings, type SettingRules, type SettingsOf } from "./settings.ts";
import type { Source, VerifiedRequest } from "./source.ts";
import { failed, type Scheme } from "./verification.ts";

/** An answer that a receiver gives where no handler gave one. */
export interface DefaultAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Where a request carries an event and a delivery id, for receivers whose sources are functions. */
export interface SampleParts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Members of the body. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/**
 * How far a declaration is confirmed: by running the vendor's own `library`; by a `vector` that it published; by an
 * independent `verifier`; by what it has `documented`; or by what is commonly `known` of it.
 */
export type Confirmation = "library" | "vector" | "verifier" | "documented" | "known";

// biome-ignore lint/suspicious/noExplicitAny: a scheme's key is its own affair; it is only ever handed back to it.
type AnyScheme = Scheme<any>;

/** What is written about a provider for the people who set it up; the pages of `docs/providers` are made of it. */
export interface ProviderNotes {
  /** What the provider is for: "payments and billing". */
  readonly category?: string;
  /** How far the declaration is confirmed. */
  readonly confirmed?: Confirmation | readonly Confirmation[];
  /** Where at the provider the URL is entered and the secret is found, in a sentence or two. */
  readonly setup?: string;
  /** What is configured under `secrets`, in a few words: "the webhook's signing secret". */
  readonly secretName?: string;
  /** What the events are called, with examples. */
  readonly eventNames?: string;
  /** Limits of the proof, doubts, and what surprises. */
  readonly notes?: readonly string[];
}

/** The declaration of one provider: about ten lines of data, each of which may be a function instead. */
export interface ReceiverDefinition<Name extends string = string, Rules extends SettingRules = SettingRules, Payloads = unknown>
  extends ProviderNotes {
  /** Route name and key of the receiver in options: lower case, digits and dashes. */
  readonly name: Name;
  /** Other route names under which the same receiver answers. */
  readonly aliases?: readonly string[];
  /** The provider's own spelling. */
  readonly title: string;
  /** Where the provider documents its webhooks. */
  readonly docs: string;
  /** What may be configured besides secrets, under `settings.<name>`. */
  readonly settings?: Rules;
  /** How authenticity is proved. */
  readonly verify: AnyScheme | ((settings: SettingsOf<Rules>) => AnyScheme);
  /** The secret where none is configured: only for a key that the provider publishes. */
  readonly defaultSecret?: string | ((settings: SettingsOf<Rules>) => string | undefined);
  /** Where the event's name stands. A delivery may carry several. */
  readonly events: Source;
  /** Whether a delivery without an event is refused with 400. Default true. */
  readonly eventRequired?: boolean;
  /**
   * Where the provider's own identifier of a delivery stands, the same on a redelivery and on no other delivery. Absent: it has
   * none. One that is joined counts only where all its parts are there.
   */
  readonly deliveryId?: Source;
  /** Sources that are up to the settings; what they leave out is as `events` and `deliveryId` say. */
  readonly sources?: (settings: SettingsOf<Rules>) => { readonly events?: Source | undefined; readonly deliveryId?: Source | undefined };
  /** Where the provider says which retry this is, as a number. */
  readonly retryNumber?: Source;
  /** Where the provider says when it sent this, or when it happened. */
  readonly sentAt?: { readonly from: Source; readonly unit: TimeUnit };
  /** Where the provider names the tenant, account, shop or workspace that the delivery belongs to. */
  readonly account?: Source;
  /** Which bodies are read. Default `json`. */
  readonly body?: BodyKind | BodyRule;
  /** What becomes of the parsed body before handlers see it, or a promise of it. Default: nothing. */
  readonly data?: (verified: VerifiedRequest) => unknown;
  /** Opens an encrypted body with the scheme's keys, newest first; its result, or what it promises, is the data, before `data` is asked. */
  readonly decrypt?: (verified: VerifiedRequest, keys: readonly unknown[]) => unknown;
  /** What `getDataOrDefault()` gives, by event, for the compiler only: `payloadTypes<{ "issues.opened": Opened }>()`. */
  readonly payloads?: PayloadTypes<Payloads>;
  /** Requests that prove that we own the URL. */
  readonly handshakes?: readonly Handshake[] | ((settings: SettingsOf<Rules>) => readonly Handshake[]);
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
  readonly respond?: DefaultAnswer | ((verified: VerifiedRequest) => DefaultAnswer);
  /** Gives every answer after the body has been read, errors among them, the form that the provider understands. */
  readonly shapeAnswer?: (answer: DefaultAnswer, request: ReceiverRequest) => DefaultAnswer;
  /** The answer to a failed proof, for providers that want one of their own. Default: 401. */
  readonly refusal?: DefaultAnswer;
  /** How long the provider waits for an answer, in milliseconds. A run that takes longer is warned of. */
  readonly timeLimitMs?: number;
}

/** A phantom that carries payload types by event. Undefined when the program runs. */
export type PayloadTypes<Payloads> = { readonly types: Payloads } | undefined;

/** Names a receiver's payload types, by event; `*` stands for every event that is not named. */
export function payloadTypes<Payloads>(): PayloadTypes<Payloads> {
  return undefined;
}

/** A receiver with its defaults filled in: the value that `createWebhooks({ receivers })` takes. */
export interface Receiver<Name extends string = string, Rules extends SettingRules = SettingRules, Payloads = unknown>
  extends Omit<
    ReceiverDefinition<Name, Rules, Payloads>,
    "settings" | "sources" | "aliases" | "body" | "verify" | "defaultSecret" | "handshakes" | "methods" | "payloads"
  > {
  readonly aliases: readonly string[];
  readonly settings: Rules;
  readonly verify: AnyScheme;
  readonly defaultSecret: string | undefined;
  readonly body: BodyRule;
  readonly eventRequired: boolean;
  readonly handshakes: readonly Handshake[];
  readonly methods: readonly string[];
  readonly secretBytes: { readonly min: number; readonly max: number };
  readonly signs: "wire" | "content";
  readonly safeHeaders: readonly string[];
  readonly respond: DefaultAnswer | ((verified: VerifiedRequest) => DefaultAnswer);
  /** For the compiler only. */
  readonly payloads?: PayloadTypes<Payloads>;
  /**
   * The same receiver under other settings. `createWebhooks` calls it with `settings.<name>`.
   *
   * @throws ConfigurationError `invalid_receiver` if a value is not what the setting takes.
   */
  configure(settings: Readonly<Record<string, unknown>>): Receiver<Name, Rules, Payloads>;
}

/**
 * Makes a receiver of a declaration.
 *
 * @throws ConfigurationError `invalid_receiver` if the declaration contradicts itself.
 */
export function defineReceiver<
  const Name extends string,
  // biome-ignore lint/complexity/noBannedTypes: no settings at all, so that none may be given.
  Rules extends SettingRules = {},
  Payloads = unknown,
>(definition: ReceiverDefinition<Name, Rules, Payloads>): Receiver<Name, Rules, Payloads> {
  const fault = faultOf(definition);
  if (fault) throw new ConfigurationError("invalid_receiver", `defineReceiver("${String(definition.name)}"): ${fault}`);
  return build(definition, {});
}

/** Every method that some request to the receiver may use, for the `Allow` header. */
export function allowedMethods(receiver: Receiver): readonly string[] {
  return [...new Set([...receiver.methods, ...receiver.handshakes.map((handshake) => handshake.method)])];
}

function build<Name extends string, Rules extends SettingRules, Payloads>(
  definition: ReceiverDefinition<Name, Rules, Payloads>,
  given: Readonly<Record<string, unknown>>,
): Receiver<Name, Rules, Payloads> {
  const { body = "json", handshakes = [], defaultSecret, sources, ...members } = definition;
  const { values, faults } = readSettings(definition.settings ?? {}, given);
  const settings = values as SettingsOf<Rules>;
  const missing = faults.filter(({ name }) => given[name] === undefined).map(({ name }) => name);
  const verify = typeof definition.verify === "function" ? definition.verify(settings) : definition.verify;
  const { events = members.events, deliveryId = members.deliveryId } = sources?.(settings) ?? {};
  return Object.freeze({
    ...members,
    events,
    ...(deliveryId === undefined ? {} : { deliveryId }),
    aliases: definition.aliases ?? [],
    settings: definition.settings ?? ({} as Rules),
    verify: missing.length === 0 ? verify : unconfigured(verify, missing),
    defaultSecret: typeof defaultSecret === "function" ? defaultSecret(settings) : defaultSecret,
    body: typeof body === "string" ? { kinds: [body] } : body,
    eventRequired: definition.eventRequired ?? true,
    handshakes: typeof handshakes === "function" ? handshakes(settings) : handshakes,
    methods: definition.methods ?? ["POST"],
    secretBytes: { min: definition.secretBytes?.min ?? 16, max: definition.secretBytes?.max ?? 4096 },
    signs: definition.signs ?? "wire",
    safeHeaders: safeHeadersOf({ ...members, events, ...(deliveryId === undefined ? {} : { deliveryId }) }, verify),
    respond: definition.respond ?? { status: 200 },
    configure(values: Readonly<Record<string, unknown>>) {
      const wrong = readSettings(definition.settings ?? {}, values).faults[0];
      if (wrong) throw new ConfigurationError("invalid_receiver", `${definition.name}: the setting ${wrong.name} ${wrong.problem}`);
      return build(definition, values);
    },
  });
}

/** The scheme of a receiver that lacks a setting: described as it will be, and refusing everything. */
function unconfigured(scheme: AnyScheme, missing: readonly string[]): AnyScheme {
  return { ...scheme, verify: () => failed("verification_failed", `The receiver's settings lack ${missing.join(", ")}.`) };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the settings are, none is looked at here.
function faultOf(definition: ReceiverDefinition<string, any, any>): string | undefined {
  const isName = (name: unknown): boolean => typeof name === "string" && /^[a-z0-9][a-z0-9-]{0,62}$/.test(name);
  if (!isName(definition.name)) return "`name` takes lower-case letters, digits and dashes.";
  if (!(definition.aliases ?? []).every(isName)) return "`aliases` take lower-case letters, digits and dashes.";
  if (typeof definition.verify !== "function" && typeof definition.verify?.verify !== "function")
    return "`verify` takes a scheme, such as `hmac({ header: … })`, or a function of the settings that gives one.";
  if (definition.events === undefined) return '`events` says where the event\'s name stands; a constant is `{ value: "change" }`.';
  const taken = Object.keys(definition.settings ?? {}).find((name) => commonSettings.includes(name));
  if (taken !== undefined) return `\`settings.${taken}\` is what every receiver may be set to; choose another name.`;
  const { min = 16, max = 4096 } = definition.secretBytes ?? {};
  if (min < 1 || max < min) return "`secretBytes` takes 1 ≤ min ≤ max.";
  return undefined;
}

/** Headers that say nothing secret; the proof's own are never among them, unless they name the event or the delivery. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
function safeHeadersOf(definition: ReceiverDefinition<string, any, any>, verify: AnyScheme): readonly string[] {
  const { events, deliveryId, retryNumber, account, sentAt } = definition;
  const named = [events, deliveryId].flatMap(headersOf);
  const read = [retryNumber, account, sentAt?.from].flatMap(headersOf);
  const all = ["content-type", "content-encoding", "user-agent", "date", ...named, ...read, ...(definition.safeHeaders ?? [])];
  const secret = new Set(verify.proofHeaders);
  return [...new Set(all.map((name) => name.toLowerCase()))].filter(
    (name) => !secret.has(name) || (!verify.proofIsSecret && named.some((one) => one.toLowerCase() === name)),
  );
}

function headersOf(source: Source | undefined): readonly string[] {
  if (typeof source !== "object") return [];
  if ("header" in source) return [source.header];
  if ("firstOf" in source) return source.firstOf.flatMap(headersOf);
  if ("narrowedBy" in source) return [source.name, source.narrowedBy].flatMap(headersOf);
  return "joined" in source && !("each" in source) ? source.joined.flatMap(headersOf) : [];
}
