import {
  type DefaultAnswer,
  defineReceiver,
  ed25519,
  fixedAnswer,
  type HandshakeAnswer,
  jsonAnswer,
  payloadTypes,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Discord: Ed25519 with the application's public key. An interaction is `application_command` and also
 * `application_command.<name>`, `message_component` or `modal_submit`; a webhook event has its own name, such as
 * `APPLICATION_AUTHORIZED`, and no id. Pings of both kinds are answered after the proof, which Discord tests with wrong ones.
 */
export const discord = defineReceiver({
  name: "discord",
  title: "Discord",
  docs: "https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint",
  category: "messaging and voice",
  confirmed: "library",
  setup: "In the Developer Portal, enter the URL as Interactions Endpoint URL or under Webhooks, and copy the application's public key.",
  secretName: "the application's public key, 64 hexadecimal digits",
  eventNames: "`application_command`, `application_command.<name>`, `message_component`, `modal_submit`, or a webhook event's name.",
  notes: [
    "An interaction has to be answered by a handler: `discordReply`, `discordDeferred`, `discordChoices` or `discordModal`.",
    "The interaction's `token` is a credential for 15 minutes. Do not log it.",
  ],
  verify: ed25519({ header: "X-Signature-Ed25519", timestampHeader: "X-Signature-Timestamp", signed: "{timestamp}{body}" }),
  secretBytes: { min: 32, max: 32 },
  events: eventsOf,
  deliveryId: { body: "id" },
  sentAt: { from: { body: "event.timestamp" }, unit: "iso" },
  account: { body: "guild_id" },
  handshakes: [{ proof: "scheme", method: "POST", answer: pingAnswer }],
  respond: { status: 204 },
  timeLimitMs: 3_000,
  payloads: payloadTypes<DiscordPayloads>(),
  sample: sampleOf,
});

/** Interaction types by number, in Discord's own names. 1 is the ping. */
const interactions: Readonly<Record<number, string>> = {
  2: "application_command",
  3: "message_component",
  4: "application_command_autocomplete",
  5: "modal_submit",
};

function eventsOf({ data }: VerifiedRequest): readonly string[] {
  const [event] = valuesAt(data, "event.type");
  if (typeof event === "string") return [event];
  const [type] = valuesAt(data, "type");
  const name = typeof type === "number" ? interactions[type] : undefined;
  if (name === undefined) return [];
  const [command] = valuesAt(data, "data.name");
  return typeof command === "string" ? [name, `${name}.${command}`] : [name];
}

/** Type 0 is the ping of webhook events. Type 1 without an event is the ping of interactions; with one it is an event. */
function pingAnswer({ data }: VerifiedRequest): HandshakeAnswer | undefined {
  const [type] = valuesAt(data, "type");
  if (type === 0) return fixedAnswer(204);
  return type === 1 && valuesAt(data, "event").length === 0 ? fixedAnswer(200, { type: 1 }) : undefined;
}

function sampleOf(event: string | undefined, deliveryId: string) {
  if (event === undefined) return { body: { id: deliveryId } };
  const [name = "", command] = event.split(/\.(.*)/s);
  const interaction = Object.entries(interactions).find(([, known]) => known === name);
  if (interaction === undefined) return { body: { version: 1, type: 1, event: { type: event } } };
  return { body: { id: deliveryId, type: Number(interaction[0]), ...(command === undefined ? {} : { data: { name: command } }) } };
}

/** A message as an answer. Components and embeds are Discord's own objects, passed on as they are. */
export interface DiscordMessage {
  readonly content?: string;
  readonly embeds?: readonly object[];
  readonly components?: readonly object[];
  /** Who is notified. Default here: nobody, whatever stands in `content`. */
  readonly allowed_mentions?: {
    readonly parse?: readonly ("roles" | "users" | "everyone")[];
    readonly roles?: readonly string[];
    readonly users?: readonly string[];
    readonly replied_user?: boolean;
  };
  readonly flags?: number;
  readonly tts?: boolean;
  readonly poll?: object;
}

/** Whether only the user who caused the interaction sees the answer. Default false. */
export interface DiscordVisibility {
  readonly ephemeral?: boolean;
}

/** One suggestion for an option. `name` is shown, `value` is sent. */
export interface DiscordChoice {
  readonly name: string;
  readonly value: string | number;
  readonly name_localizations?: Readonly<Record<string, string>>;
}

/** A form that pops up. */
export interface DiscordModal {
  readonly custom_id: string;
  readonly title: string;
  /** Rows, labels and inputs: Discord's own objects. */
  readonly components: readonly object[];
}

/**
 * Answers with a message.
 *
 * @example context.response = discordReply("Done.", { ephemeral: true });
 */
export function discordReply(message: string | DiscordMessage, visibility: DiscordVisibility = {}): DefaultAnswer {
  return callback(4, dataOf(message, visibility));
}

/** Says that a message will follow: shows a loading state for up to 15 minutes, until it is sent with the interaction's token. */
export function discordDeferred({ ephemeral }: DiscordVisibility = {}): DefaultAnswer {
  return callback(5, ephemeral ? { flags: ephemeralFlag } : undefined);
}

/** Changes the message that a component belongs to. */
export function discordUpdate(message: string | DiscordMessage): DefaultAnswer {
  return callback(7, dataOf(message, {}));
}

/** Says that the message of a component will change later, and shows nothing meanwhile. */
export function discordDeferredUpdate(): DefaultAnswer {
  return callback(6);
}

/** Suggestions for `application_command_autocomplete`. Discord takes 25; more are left out. */
export function discordChoices(choices: readonly DiscordChoice[]): DefaultAnswer {
  return callback(8, { choices: choices.slice(0, 25) });
}

/** Opens a form, whose content comes as `modal_submit`. */
export function discordModal(modal: DiscordModal): DefaultAnswer {
  return callback(9, modal);
}

/** Bit 6 of a message's flags. */
const ephemeralFlag = 64;

function dataOf(message: string | DiscordMessage, { ephemeral }: DiscordVisibility): DiscordMessage {
  const given = typeof message === "string" ? { content: message } : message;
  const flags = (given.flags ?? 0) | (ephemeral ? ephemeralFlag : 0);
  return { allowed_mentions: { parse: [] }, ...given, ...(flags === 0 ? {} : { flags }) };
}

function callback(type: number, data?: object): DefaultAnswer {
  return jsonAnswer({ type, data });
}

/** What each event carries. */
export interface DiscordPayloads {
  application_command: DiscordInteraction<DiscordCommand>;
  application_command_autocomplete: DiscordInteraction<DiscordCommand>;
  [command: `application_command.${string}` | `application_command_autocomplete.${string}`]: DiscordInteraction<DiscordCommand>;
  message_component: DiscordInteraction<DiscordComponent>;
  modal_submit: DiscordInteraction<DiscordSubmission>;
  "*": DiscordEvent;
}

/** What all interactions have. Users, members, channels and messages are Discord's own objects. */
export interface DiscordInteraction<Data> {
  readonly id: string;
  readonly application_id: string;
  readonly type: number;
  readonly data: Data;
  readonly guild_id?: string;
  readonly channel_id?: string;
  readonly member?: { readonly user?: DiscordUser; readonly roles: readonly string[]; readonly [name: string]: unknown };
  readonly user?: DiscordUser;
  /** A credential. */
  readonly token: string;
  readonly version: number;
  readonly message?: { readonly id: string; readonly content?: string; readonly [name: string]: unknown };
  readonly locale?: string;
  readonly guild_locale?: string;
  readonly [name: string]: unknown;
}

export interface DiscordUser {
  readonly id: string;
  readonly username: string;
  readonly global_name?: string | null;
  readonly [name: string]: unknown;
}

/** A command and what was entered. */
export interface DiscordCommand {
  readonly id: string;
  readonly name: string;
  readonly type: number;
  readonly options?: readonly DiscordOption[];
  readonly target_id?: string;
  readonly [name: string]: unknown;
}

export interface DiscordOption {
  readonly name: string;
  readonly type: number;
  readonly value?: string | number | boolean;
  readonly options?: readonly DiscordOption[];
  /** Whether the user is entering this one: autocomplete only. */
  readonly focused?: boolean;
}

/** A button that was pressed, or what was selected. */
export interface DiscordComponent {
  readonly custom_id: string;
  readonly component_type: number;
  readonly values?: readonly string[];
  readonly [name: string]: unknown;
}

/** A form that was sent. */
export interface DiscordSubmission {
  readonly custom_id: string;
  readonly components: readonly object[];
  readonly [name: string]: unknown;
}

/** A webhook event. */
export interface DiscordEvent {
  readonly version: number;
  readonly application_id: string;
  readonly type: number;
  readonly event: { readonly type: string; readonly timestamp: string; readonly data?: unknown };
}
