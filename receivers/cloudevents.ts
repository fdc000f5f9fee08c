import { defineReceiver, listSetting, originConsent, RequestError, token, type VerifiedRequest } from "../src/receiver/index.ts";

/** One event, whichever mode it came in. CloudEvents 1.0.2. */
export interface CloudEvent<Data = unknown> {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly subject?: string;
  readonly time?: string;
  readonly data?: Data;
  /** Instead of `data`, bytes in base64; in the structured and batch modes only. */
  readonly data_base64?: string;
  readonly [extension: string]: unknown;
}

/**
 * CloudEvents by HTTP webhook, in the structured, batch and binary modes: a token as `Authorization: Bearer`, or as `access_token` in
 * the URL. It says nothing of the body. The events are the `type` of each; consent by OPTIONS is given to origins in the settings.
 */
export const cloudevents = defineReceiver({
  name: "cloudevents",
  title: "CloudEvents",
  docs: "https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md",
  category: "standards",
  confirmed: "known",
  setup: "Enter the URL and a token of your own at the sender; list the sender's origin in the settings where it asks for consent.",
  secretName: "the token that is shared with the sender",
  eventNames: "The `type` of each event, such as `com.example.object.created`.",
  notes: [
    "The token says nothing of the body, and in the URL it ends up in access logs of proxies.",
    "Data are a `CloudEvent`, or a list of them. The data of the binary mode must be text.",
    "Consent by calling `WebHook-Request-Callback` is left to you. Extension attributes in headers do not reach queue handlers.",
    "Confirmed by cloudevents/spec, `http-webhook.md` and `bindings/http-protocol-binding.md`.",
  ],
  settings: {
    allowedOrigins: listSetting({ about: "The origins, as in `WebHook-Request-Origin`, that may send; `*` for any." }),
  },
  verify: token({ header: "Authorization", prefix: "Bearer ", parameter: "access_token" }),
  body: { kinds: ["json", "any"], mayBeEmpty: true },
  data: cloudEventsIn,
  events: { firstOf: [{ body: "type" }, { body: "*.type" }] },
  deliveryId: { joined: [{ body: "source" }, { body: "id" }], separator: " " },
  sentAt: { from: { body: "time" }, unit: "iso" },
  handshakes: ({ allowedOrigins }) => [originConsent(allowedOrigins)],
  respond: { status: 204 },
  safeHeaders: ["ce-specversion", "ce-id", "ce-source", "ce-type", "ce-subject", "ce-time", "ce-dataschema"],
  sample: () => ({
    headers: { "content-type": "application/cloudevents+json" },
    body: { specversion: "1.0", id: "1", source: "/sample", type: "sample" },
  }),
});

function cloudEventsIn({ request, data }: VerifiedRequest): CloudEvent | readonly CloudEvent[] {
  const contentType = request.headers.get("content-type")?.trim().toLowerCase() ?? "";
  if (contentType.startsWith("application/cloudevents-batch")) {
    if (!Array.isArray(data)) throw new RequestError("malformed_body", "A batch of CloudEvents is a list.");
    return data.map(checked);
  }
  return checked(contentType.startsWith("application/cloudevents") ? data : binaryEvent({ request, data }));
}

/** Attributes from the headers that begin with `ce-`, and the body as data. HTTP Protocol Binding 1.0.2, section 3.1. */
function binaryEvent({ request, data }: Pick<VerifiedRequest, "request" | "data">): unknown {
  const { headers } = request;
  const names = headers.raw.filter((name, at) => at % 2 === 0 && /^ce-[a-z0-9]{1,64}$/i.test(name)).map((name) => name.toLowerCase());
  const attributes = names.flatMap((name) => {
    const value = headers.get(name);
    return value === undefined ? [] : [[name.slice(3), percentDecoded(value)]];
  });
  const datacontenttype = headers.get("content-type");
  return {
    ...(Object.fromEntries(attributes) as Record<string, string>),
    ...(datacontenttype === undefined ? {} : { datacontenttype }),
    ...(data === undefined ? {} : { data }),
  };
}

function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new RequestError("malformed_body", "An attribute in a header is not percent-encoded UTF-8.");
  }
}

function checked(event: unknown): CloudEvent {
  const members = typeof event === "object" && event !== null ? (event as Readonly<Record<string, unknown>>) : {};
  for (const name of ["specversion", "id", "source", "type"]) {
    const value = Object.hasOwn(members, name) ? members[name] : undefined;
    if (typeof value !== "string" || value === "") throw new RequestError("malformed_body", `A CloudEvent lacks \`${name}\`.`);
  }
  return members as CloudEvent;
}
