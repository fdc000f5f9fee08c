import { defineReceiver, RequestError, token, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Auth0 custom webhook log streams: the whole `Authorization` that you set. The data is a list of log records, whichever content
 * format is chosen; the events are the types of their `data`, such as `s` for a login.
 */
export const auth0 = defineReceiver({
  name: "auth0",
  title: "Auth0",
  docs: "https://auth0.com/docs/customize/log-streams/custom-log-streams",
  category: "identity and HR",
  confirmed: "documented",
  setup: "Under Monitoring, Streams create a Custom Webhook with the URL and a long random authorization token.",
  secretName: "the authorization token, exactly as entered: with `Bearer ` before it only if it was entered so",
  eventNames: "`data.type` of each record, a code such as `s` (login), `f` (failed login) or `ss` (signup).",
  notes: [
    "The token is optional at Auth0, and a stream without one is refused. It proves nothing of the records.",
    "JSON lines, arrays and objects all become a list. Of a batch the delivery id is made of its first and last `log_id`.",
  ],
  verify: token({ header: "Authorization" }),
  body: { kinds: ["any"] },
  data: recordsOf,
  events: ({ data }) => textsAt(data, "*.data.type"),
  deliveryId: deliveryIdOf,
  sample: (event, deliveryId) => ({ body: { log_id: deliveryId, data: { type: event ?? "s" } } }),
});

/** An array as it is; anything else is read line by line. */
function recordsOf({ content }: VerifiedRequest): readonly unknown[] {
  const text = content.toString("utf8").trim();
  try {
    if (text.startsWith("[")) return JSON.parse(text, refuseHostileKey);
    return text.split(/[\r\n]+/).map((line) => JSON.parse(line, refuseHostileKey));
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError("malformed_body", "The body is neither a JSON array nor lines of JSON.");
  }
}

/** Keys that could change a prototype when the data is copied; the bodies of other receivers are searched for them elsewhere. */
function refuseHostileKey(key: string, value: unknown): unknown {
  if (key === "__proto__" || (key === "constructor" && valuesAt(value, "prototype").length > 0)) throw new RequestError("hostile_body");
  return value;
}

function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const ids = textsAt(data, "*.log_id");
  return ids.length < 2 ? ids[0] : `${ids[0]}:${ids.at(-1)}:${ids.length}`;
}

function textsAt(data: unknown, path: string): readonly string[] {
  return valuesAt(data, path).filter((value) => typeof value === "string");
}
