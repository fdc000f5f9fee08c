import { answerWhen, defineReceiver, echo, fixedAnswer, hmac, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Slack: events, slash commands and interactivity, signed with the signing secret. The event is `event.type` of an event
 * callback, the `command` with its slash, or else the payload's `type`. `url_verification` is answered after the proof.
 */
export const slack = defineReceiver({
  name: "slack",
  title: "Slack",
  docs: "https://docs.slack.dev/authentication/verifying-requests-from-slack",
  verify: hmac({
    header: "X-Slack-Signature",
    signature: { form: "whole", prefix: "v0=" },
    timestampHeader: "X-Slack-Request-Timestamp",
    signed: "v0:{timestamp}:{body}",
  }),
  body: { kinds: ["json", "form"], jsonField: "payload" },
  events: eventOf,
  deliveryId: ({ data }) => textAt(data, "event_id") ?? textAt(data, "trigger_id"),
  handshakes: [
    answerWhen("type", "url_verification", ({ data }) => echo(textAt(data, "challenge"))),
    answerWhen("ssl_check", "1", () => fixedAnswer(200)),
  ],
  safeHeaders: ["X-Slack-Retry-Num", "X-Slack-Retry-Reason"],
  sample: sampleOf,
});

function eventOf({ data }: VerifiedRequest): string | undefined {
  const type = textAt(data, "type");
  return type === "event_callback" ? textAt(data, "event.type") : (textAt(data, "command") ?? type);
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
