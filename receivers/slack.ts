import {
  answerWhen,
  type DefaultAnswer,
  defineReceiver,
  echo,
  fixedAnswer,
  flagSetting,
  type Handshake,
  hmac,
  jsonAnswer,
  payloadTypes,
  token,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Slack: events, slash commands and interactivity, signed with the signing secret. The event is `event.type` of an event
 * callback, the `command` with its slash, or else the payload's `type`. `url_verification` is answered after the proof.
 */
export const slack = defineReceiver({
  name: "slack",
  title: "Slack",
  docs: "https://docs.slack.dev/authentication/verifying-requests-from-slack",
  category: "messaging and voice",
  confirmed: ["library", "vector"],
  setup: "In the app's settings, enter the URL as Request URL of events, slash commands or interactivity, and copy the signing secret.",
  secretName: "the app's signing secret; with `legacyToken` the verification token",
  eventNames: "`app_mention` and other types of events, `/weather` for a command, `block_actions` and other types of interaction.",
  notes: [
    "Slack shows an answer within three seconds: `slackReply` or `slackSlashReply`. Later ones go to `response_url`, a credential.",
    "An outgoing webhook, which only a verification token proves, is the event of its trigger word, or `outgoing_webhook`.",
    "Events are typed where `@slack/types` is installed.",
  ],
  settings: {
    legacyToken: flagSetting({
      about:
        "Takes the deprecated verification token in the body instead of the signature, for outgoing webhooks. It proves nothing of the body.",
    }),
  },
  verify: ({ legacyToken }) =>
    legacyToken
      ? token({ field: "token" })
      : hmac({
          header: "X-Slack-Signature",
          signature: { form: "whole", prefix: "v0=" },
          timestampHeader: "X-Slack-Request-Timestamp",
          signed: "v0:{timestamp}:{body}",
        }),
  body: { kinds: ["json", "form"], jsonField: "payload" },
  data: withSubtext,
  events: eventOf,
  deliveryId: ({ data }) => textAt(data, "event_id") ?? textAt(data, "trigger_id"),
  retryNumber: { header: "X-Slack-Retry-Num" },
  sentAt: { from: { body: "event_time" }, unit: "seconds" },
  account: { firstOf: [{ body: "team_id" }, { body: "team.id" }] },
  handshakes: [
    answerWhen("type", "url_verification", ({ data }) => echo(textAt(data, "challenge"))),
    answerWhen("ssl_check", "1", () => fixedAnswer(200)),
    sslCheck(),
  ],
  safeHeaders: ["X-Slack-Retry-Num", "X-Slack-Retry-Reason"],
  timeLimitMs: 3_000,
  payloads: payloadTypes<SlackPayloads>(),
  sample: sampleOf,
});

/** Slack looks at the certificate now and then, with a request that it does not sign. */
function sslCheck(): Handshake {
  return {
    proof: "none",
    method: "GET",
    answer: ({ query }) => (query.get("ssl_check") === "1" ? fixedAnswer(200) : "malformed"),
  };
}

function eventOf({ data }: VerifiedRequest): string | undefined {
  const type = textAt(data, "type");
  if (type === "event_callback") return textAt(data, "event.type");
  return textAt(data, "trigger_word") || textAt(data, "command") || type || (isOutgoing(data) ? "outgoing_webhook" : undefined);
}

/** The form of an outgoing webhook has a text, and neither a command nor a type. */
function isOutgoing(data: unknown): boolean {
  return ["command", "type"].every((name) => textAt(data, name) === undefined) && textAt(data, "text") !== undefined;
}

/** Outgoing webhooks get a field `subtext`: the text without the trigger word. */
function withSubtext({ data }: VerifiedRequest): unknown {
  if (!isOutgoing(data) || typeof data !== "object") return data;
  const text = textAt(data, "text") ?? "";
  const trigger = textAt(data, "trigger_word") ?? "";
  const isBefore = text.slice(0, trigger.length).toLowerCase() === trigger.toLowerCase();
  return { ...data, subtext: (isBefore ? text.slice(trigger.length) : text).trim() };
}

function textAt(data: unknown, path: string): string | undefined {
  const [value] = valuesAt(data, path);
  return typeof value === "string" ? value : undefined;
}

function sampleOf(event: string | undefined, deliveryId: string) {
  if (event?.startsWith("/")) {
    return { headers: { "content-type": "application/x-www-form-urlencoded" }, body: { command: event, trigger_id: deliveryId } };
  }
  return { body: { type: "event_callback", event_id: deliveryId, ...(event === undefined ? {} : { event: { type: event } }) } };
}

/** A message as an answer. Blocks are Slack's own objects, passed on as they are. */
export interface SlackReply {
  readonly text?: string;
  readonly blocks?: readonly { readonly type: string }[];
  readonly attachments?: readonly SlackAttachment[];
  readonly thread_ts?: string;
}

/** A message as the answer to a slash command or an interaction. */
export interface SlackSlashReply extends SlackReply {
  /** `ephemeral`, the default: only the user sees it. `in_channel`: everybody does. */
  readonly response_type?: "in_channel" | "ephemeral";
  readonly replace_original?: boolean;
  readonly delete_original?: boolean;
}

/** Secondary content; Slack prefers blocks today. */
export interface SlackAttachment {
  /** A plain text in its place. */
  readonly fallback?: string;
  /** `good`, `warning`, `danger` or a colour such as `#439FE0`. */
  readonly color?: string;
  readonly pretext?: string;
  readonly author_name?: string;
  readonly author_link?: string;
  readonly author_icon?: string;
  readonly title?: string;
  readonly title_link?: string;
  readonly text?: string;
  readonly image_url?: string;
  readonly thumb_url?: string;
  readonly fields?: readonly SlackField[];
  readonly blocks?: readonly { readonly type: string }[];
}

/** A cell of an attachment's table; `short` ones stand side by side. */
export interface SlackField {
  readonly title: string;
  readonly value: string;
  readonly short?: boolean;
}

/** Answers an outgoing webhook with a message. */
export function slackReply(reply: string | SlackReply): DefaultAnswer {
  return jsonAnswer(typeof reply === "string" ? { text: reply } : reply);
}

/**
 * Answers a slash command with a message, which only its user sees unless `response_type` says otherwise.
 *
 * @example context.response = slackSlashReply({ text: "Sunny", response_type: "in_channel" });
 */
export function slackSlashReply(reply: string | SlackSlashReply): DefaultAnswer {
  return jsonAnswer({ response_type: "ephemeral", ...(typeof reply === "string" ? { text: reply } : reply) });
}

/** Foreign text for a message: without it, `<!channel>` in the text would notify everybody. */
export function escapeSlackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A command's text: its first word, and the rest without blanks at its ends. Both may be empty. */
export interface SlackCommand {
  readonly action: string;
  readonly value: string;
}

/** A command's text: its first word, and the parameters behind it. A name may occur more than once. */
export interface SlackParameters {
  readonly action: string;
  readonly parameters: ReadonlyMap<string, readonly string[]>;
}

/** Parameters that cannot be read. The message is fit to be shown to the user. */
export class SlackParameterError extends SyntaxError {
  override readonly name = "SlackParameterError";
  /** Where the fault begins, counted in the text behind the first word. */
  readonly position: number;

  constructor(problem: string, position: number) {
    super(`${problem} at position ${position}.`);
    this.position = position;
  }
}

/** Takes the first word of a command's text off: `remind me` gives `remind` and `me`. */
export function parseSlackCommand(text: string): SlackCommand {
  const trimmed = text.trim();
  const end = trimmed.search(/\s/);
  return end < 0 ? { action: trimmed, value: "" } : { action: trimmed.slice(0, end), value: trimmed.slice(end).trim() };
}

/**
 * Reads `action name=value; name='a;b'; flag`. A value in single or double quotes may hold semicolons and blanks at its ends;
 * outside quotes `\;` is a semicolon. A name without a value has an empty one.
 *
 * @throws SlackParameterError for a quote without its end, text behind one, and a name in quotes or with a semicolon.
 */
export function parseSlackParameters(text: string): SlackParameters {
  const { action, value } = parseSlackCommand(text);
  const parameters = new Map<string, string[]>();
  for (let position = 0; position < value.length; ) {
    const parameter = readParameter(value, position);
    position = parameter.end + 1;
    if (parameter.name === "" && !parameter.hasValue) continue;
    const values = parameters.get(parameter.name);
    if (values) values.push(parameter.value);
    else parameters.set(parameter.name, [parameter.value]);
  }
  return { action, parameters };
}

/**
 * Writes parameters so that they are read as the same: `name=value` with `; ` between, those of a name together.
 *
 * @throws TypeError for a name or value that cannot be written.
 */
export function formatSlackParameters(parameters: ReadonlyMap<string, readonly string[]>): string {
  const pairs = [...parameters].flatMap(([name, values]) => values.map((value) => (value === "" ? name : `${name}=${quoted(value)}`)));
  for (const name of parameters.keys())
    if (name === "" || name.trim() !== name || /^['"]|[=;]/.test(name))
      throw new TypeError("A parameter has a name that cannot be written.");
  return pairs.join("; ");
}

/** Quotes keep blanks at the ends, a quote at the start, and a backslash at the end, which would escape what follows. */
function quoted(value: string): string {
  if (value.trim() === value && !/^['"]|\\$/.test(value)) return value.replaceAll(";", "\\;");
  const quote = ["'", '"'].find((one) => !value.includes(one));
  if (quote === undefined) throw new TypeError("A parameter has a value with both quotes that cannot be written.");
  return `${quote}${value}${quote}`;
}

interface ReadParameter {
  readonly name: string;
  readonly value: string;
  readonly hasValue: boolean;
  /** The position of the semicolon behind it, or of the end. */
  readonly end: number;
}

function readParameter(text: string, from: number): ReadParameter {
  const start = skipBlanks(text, from);
  if (isQuote(text[start])) throw new SlackParameterError("A name must not stand in quotes; there is one", start);
  let end = start;
  for (; end < text.length && text[end] !== ";" && text[end] !== "="; end++)
    if (text.startsWith("\\;", end)) throw new SlackParameterError("A name must not have a semicolon; there is one", end);
  const name = text.slice(start, end).trim();
  if (text[end] !== "=") return { name, value: "", hasValue: false, end };
  if (name === "") throw new SlackParameterError("A name is missing", end);
  const begin = skipBlanks(text, end + 1);
  return { name, hasValue: true, ...(isQuote(text[begin]) ? readQuoted(text, begin) : readPlain(text, begin)) };
}

function readQuoted(text: string, begin: number): { readonly value: string; readonly end: number } {
  const close = text.indexOf(text[begin] ?? "", begin + 1);
  if (close < 0) throw new SlackParameterError("A quote has no end; it begins", begin);
  const end = skipBlanks(text, close + 1);
  if (end < text.length && text[end] !== ";") throw new SlackParameterError("There is text behind a quote", end);
  return { value: text.slice(begin + 1, close), end };
}

function readPlain(text: string, begin: number): { readonly value: string; readonly end: number } {
  let end = begin;
  while (end < text.length && text[end] !== ";") end += text.startsWith("\\;", end) ? 2 : 1;
  return { value: text.slice(begin, end).trim().replaceAll("\\;", ";"), end };
}

function skipBlanks(text: string, from: number): number {
  let position = from;
  while (position < text.length && /\s/.test(text[position] ?? "")) position++;
  return position;
}

function isQuote(character: string | undefined): boolean {
  return character === "'" || character === '"';
}

/** What each event carries. Events of the Events API are there only if `@slack/types` is installed. */
export interface SlackPayloads extends EventPayloads {
  [command: `/${string}`]: SlackSlashCommand;
  block_actions: SlackInteraction;
  view_submission: SlackInteraction;
  view_closed: SlackInteraction;
  message_action: SlackInteraction;
  shortcut: SlackInteraction;
  block_suggestion: SlackInteraction;
  outgoing_webhook: SlackOutgoingWebhook;
}

/** The envelope of an event. */
export interface SlackEventCallback<Event> {
  readonly type: "event_callback";
  readonly team_id: string;
  readonly api_app_id: string;
  readonly event: Event;
  readonly event_id: string;
  /** Unix seconds. */
  readonly event_time: number;
  readonly event_context?: string;
  readonly authorizations?: readonly {
    readonly enterprise_id: string | null;
    readonly team_id: string | null;
    readonly user_id: string;
    readonly is_bot: boolean;
  }[];
}

/** A slash command. */
export interface SlackSlashCommand {
  readonly command: string;
  /** What stands behind the command. */
  readonly text: string;
  readonly team_id: string;
  readonly team_domain: string;
  readonly enterprise_id?: string;
  readonly channel_id: string;
  readonly channel_name: string;
  readonly user_id: string;
  readonly user_name: string;
  /** Where later answers go. A credential. */
  readonly response_url: string;
  readonly trigger_id: string;
  readonly api_app_id: string;
}

/** An interaction. Actions, views and messages are Slack's own objects. */
export interface SlackInteraction {
  readonly type: string;
  readonly team: { readonly id: string; readonly domain?: string } | null;
  readonly user: { readonly id: string; readonly [name: string]: unknown };
  readonly api_app_id?: string;
  readonly trigger_id?: string;
  readonly callback_id?: string;
  readonly actions?: readonly {
    readonly type: string;
    readonly action_id: string;
    readonly value?: string;
    readonly [name: string]: unknown;
  }[];
  readonly view?: { readonly id: string; readonly callback_id?: string; readonly [name: string]: unknown };
  /** Where later answers go. A credential. */
  readonly response_url?: string;
  readonly [name: string]: unknown;
}

/** An outgoing webhook, and its text without the trigger word. */
export interface SlackOutgoingWebhook {
  readonly team_id: string;
  readonly team_domain: string;
  readonly channel_id: string;
  readonly channel_name: string;
  readonly timestamp: string;
  readonly user_id: string;
  readonly user_name: string;
  readonly text: string;
  readonly subtext: string;
  readonly trigger_word?: string;
}

// biome-ignore lint/suspicious/noTsIgnore: an expected error is one only where the package is not installed.
/** @ts-ignore The package is an optional peer. */
type SlackEvent = import("@slack/types").SlackEvent;

/** A type of a package that is not installed has every member that there can be; it becomes one without any. */
type EventPayloads = symbol extends keyof SlackEvent
  ? Record<never, never>
  : { [One in SlackEvent as One["type"]]: SlackEventCallback<One> };
