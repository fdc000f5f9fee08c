import { type DefaultAnswer, defineReceiver, jsonAnswer, token, type VerifiedRequest } from "../src/receiver/index.ts";

/**
 * Telegram bots: the `secret_token` of `setWebhook` in `X-Telegram-Bot-Api-Secret-Token`. The event is the kind of the update:
 * the member that stands beside `update_id`, such as `message`. The answer may call a method: see `telegramReply`.
 */
export const telegram = defineReceiver({
  name: "telegram",
  title: "Telegram Bot API",
  docs: "https://core.telegram.org/bots/api#setwebhook",
  category: "messaging and voice",
  confirmed: "library",
  setup: "Call the bot's method `setWebhook` with the `url` and a long random `secret_token`.",
  secretName: "the `secret_token`: up to 256 letters, digits, `_` and `-`",
  eventNames: "The kind of the update: `message`, `edited_message`, `callback_query`, `inline_query`, `my_chat_member`.",
  notes: [
    "The token proves that Telegram was told it by the bot's owner, and nothing of the update.",
    "Telegram repeats an update that is not answered 2xx, and gives up after some attempts.",
  ],
  verify: token({ header: "X-Telegram-Bot-Api-Secret-Token" }),
  secretBytes: { max: 256 },
  events: kindsOf,
  deliveryId: { body: "update_id" },
  sample: (event) => (event === undefined ? {} : { body: { [event]: {} } }),
});

/** A method of the Bot API with its parameters: `{ method: "sendMessage", chat_id: 1, text: "Hello" }`. */
export interface TelegramMethod {
  readonly method: string;
  readonly [parameter: string]: unknown;
}

/**
 * A response that calls a method of the Bot API. Telegram does not tell its result. Bot API, "Making requests when getting
 * updates".
 *
 * @example context.response = telegramReply({ method: "sendMessage", chat_id: chat.id, text: "Hello" });
 */
export function telegramReply(call: TelegramMethod): DefaultAnswer {
  return jsonAnswer(call);
}

function kindsOf({ data }: VerifiedRequest): readonly string[] {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return [];
  return Object.keys(data).filter((name) => name !== "update_id");
}
