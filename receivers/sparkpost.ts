import {
  choiceSetting,
  credential,
  defineReceiver,
  fixedAnswer,
  type HandshakeAnswer,
  token,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * SparkPost event webhooks: basic credentials, or, by setting, a bearer token or the old token header. The body is a list of
 * events; each is named by its `type`, such as `bounce`. The test with an empty `msys` is answered.
 */
export const sparkpost = defineReceiver({
  name: "sparkpost",
  title: "SparkPost",
  docs: "https://developers.sparkpost.com/api/webhooks/",
  category: "e-mail and marketing",
  confirmed: "verifier",
  setup: "Under Configuration, Webhooks, or by the API, add the URL with basic authentication.",
  secretName: "user and password as `user:password`; or the token",
  eventNames: "`type` of each event: `delivery`, `bounce`, `open`, `click`, `spam_complaint`; `relay_message` for an incoming message.",
  notes: [
    "None of the three proves anything of the body.",
    'With OAuth 2.0 SparkPost fetches a token from a server of yours: `"bearer"` works where that server always gives the same.',
    "A batch that is not answered with exactly 200 is sent again for eight hours.",
  ],
  settings: {
    authentication: choiceSetting(["basic", "bearer", "token"], {
      about: "What the webhook is set up to send; `token` is the old `X-MessageSystems-Webhook-Token`.",
      default: "basic",
    }),
  },
  verify: ({ authentication }) =>
    authentication === "token" ? token({ header: "X-MessageSystems-Webhook-Token" }) : credential(authentication),
  events: eventsOf,
  deliveryId: { header: "X-MessageSystems-Batch-ID" },
  handshakes: [{ proof: "scheme", method: "POST", answer: answerTest }],
  timeLimitMs: 10_000,
  sample: (event) => ({ body: { msys: { message_event: { type: event ?? "delivery" } } } }),
});

/** An event stands under its class, such as `message_event`, in `msys`. */
function eventsOf({ data }: VerifiedRequest): readonly string[] {
  const items = Array.isArray(data) ? data : [data];
  const classes = items.flatMap((item) => valuesAt(item, "msys")).flatMap((msys) => (isObject(msys) ? Object.entries(msys) : []));
  return classes.flatMap(([name, event]) => {
    const [type = name] = valuesAt(event, "type");
    return typeof type === "string" ? [type] : [];
  });
}

function answerTest(verified: VerifiedRequest): HandshakeAnswer | undefined {
  return valuesAt(verified.data, "*.msys").length > 0 && eventsOf(verified).length === 0 ? fixedAnswer(200) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
