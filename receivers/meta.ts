import { defineReceiver, hmac, hubChallenge, listSetting, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Meta (Facebook, Messenger, Instagram, WhatsApp, Threads): HMAC-SHA256 of the body with the app secret; the older SHA-1 header
 * alone is refused. The events are the object with each changed field, such as `instagram.comments`, or each kind of message,
 * such as `page.postback`; Threads names a topic in place of the object. The GET that checks the URL is answered for the verify
 * tokens in the settings.
 */
export const meta = defineReceiver({
  name: "meta",
  aliases: ["facebook", "instagram", "messenger", "whatsapp", "threads"],
  title: "Meta",
  docs: "https://developers.facebook.com/docs/graph-api/webhooks/getting-started",
  category: "social, media and creators",
  confirmed: "verifier",
  setup: "Enter the URL and a verify token under Webhooks of the app; the app secret stands under App settings, Basic.",
  secretName: "the app secret",
  eventNames:
    "Object and field or kind: `page.feed`, `page.message`, `instagram.comments`, `whatsapp_business_account.messages`; of Threads topic and field: `moderate.replies`.",
  notes: [
    "A delivery may carry up to 1,000 changes, and a retry may bundle them otherwise, so there is no delivery id: recognise messages by `mid` or the WhatsApp id.",
    "Messenger waits 5 seconds, the others up to 20.",
    "The signed bytes hold non-ASCII characters as `\\u` escapes; they are verified as they came.",
  ],
  settings: { verifyTokens: listSetting({ about: "The verify tokens that were entered beside the URL at Meta." }) },
  verify: hmac({ header: "X-Hub-Signature-256", signature: { form: "whole", prefix: "sha256=" } }),
  events: eventsOf,
  handshakes: ({ verifyTokens }) => [hubChallenge(verifyTokens)],
  timeLimitMs: 5_000,
  sample: (event) => (event === undefined ? {} : { body: { object: event } }),
});

function eventsOf({ data }: VerifiedRequest): readonly string[] {
  const [object] = [...valuesAt(data, "object"), ...valuesAt(data, "topic")];
  if (typeof object !== "string") return [];
  const paths = ["entry.*.changes.*.field", "entry.*.changed_fields.*", "values.field", "values.*.field"];
  const fields = paths.flatMap((path) => valuesAt(data, path));
  const kinds = [...valuesAt(data, "entry.*.messaging.*"), ...valuesAt(data, "entry.*.standby.*")].map(kindOf);
  const names = [...fields, ...kinds].filter((name) => typeof name === "string" && name !== "");
  return names.length === 0 ? [object] : names.map((name) => `${object}.${name}`);
}

/** What a message is: the member beside those that say from whom, to whom and when. */
function kindOf(message: unknown): string | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  return Object.keys(message).find((key) => !["sender", "recipient", "timestamp"].includes(key));
}
