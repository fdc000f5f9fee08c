import { defineReceiver, echoQuery, hmac, payloadTypes, RequestError, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/** The body that ASP.NET WebHooks senders deliver: one or more notifications. */
export interface CustomNotifications {
  /** The same for every attempt. */
  readonly Id: string;
  /** 1 for the first attempt. */
  readonly Attempt: number;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Notifications: readonly CustomNotification[];
}

/** What happened, and the data that the sender adds to it. */
export interface CustomNotification {
  readonly Action: string;
  readonly [name: string]: unknown;
}

/**
 * Any sender built with ASP.NET WebHooks: HMAC-SHA256 of the body in `ms-signature`, hexadecimal in either case. The
 * events are the notifications' actions; notifications without one are left out of them. A GET with `echo` checks the URL.
 */
export const custom = defineReceiver({
  name: "custom",
  title: "ASP.NET WebHooks",
  docs: "https://learn.microsoft.com/en-us/aspnet/webhooks/sending/senders",
  category: "standards",
  confirmed: "library",
  setup: "Register the URL at the sender, with the secret as `Secret`; the sender checks it with `echo`, unless it has `?noecho`.",
  secretName: "the subscription's `Secret`",
  eventNames: "The `Action` of each notification.",
  notes: ["Neither time nor id is signed but as part of the body, and no limit of age is known: rely on deduplication."],
  verify: hmac({ header: "ms-signature", signature: { form: "pairs", signature: "sha256" } }),
  secretBytes: { min: 32 },
  events: { body: "Notifications.*.Action" },
  deliveryId: { body: "Id" },
  retryNumber: ({ data }) => {
    const [attempt] = valuesAt(data, "Attempt");
    return typeof attempt === "number" ? String(attempt - 1) : undefined;
  },
  data: checkNotifications,
  handshakes: [echoQuery("echo")],
  payloads: payloadTypes<{ "*": CustomNotifications }>(),
});

function checkNotifications({ data }: VerifiedRequest): unknown {
  const list = typeof data === "object" && data !== null && "Notifications" in data ? data.Notifications : undefined;
  if (!Array.isArray(list) || !list.every(isNotification)) {
    throw new RequestError("malformed_body", "`Notifications` is not a list of objects whose `Action` is text.");
  }
  return data;
}

function isNotification(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !("Action" in value) || typeof value.Action === "string";
}
