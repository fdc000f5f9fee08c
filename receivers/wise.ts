import { defineReceiver, failed, ignoreWhenHeader, listSetting, rsa, unverifiedData, valuesAt } from "../src/receiver/index.ts";

const signed = rsa({ header: "X-Signature-SHA256" });

/** Wise: RSA with SHA-256 over the body in `X-Signature-SHA256`, with Wise's published key. The event is `event_type`. */
export const wise = defineReceiver({
  name: "wise",
  title: "Wise",
  docs: "https://docs.wise.com/guides/developer/webhooks/event-handling",
  category: "payments and billing",
  confirmed: "vector",
  setup: "Create a subscription in the account's settings under Developer tools, Webhooks, or with the API, with this URL.",
  secretName: "Wise's public key, as PEM: by default that of production; the sandbox has another",
  eventNames: "`event_type`, such as `transfers#state-change` or `balances#credit`.",
  notes: [
    "The key signs for every customer of Wise, so a stranger can have Wise send here: name your subscriptions in the settings, or look at `context.account`.",
    "No time is signed, and the delivery id stands in a header that is not signed.",
    "The older header `X-Signature`, with SHA-1, is not read.",
  ],
  settings: {
    subscriptions: listSetting({ about: "The ids of your subscriptions. Where any are named, deliveries of others are refused." }),
  },
  verify: ({ subscriptions }) => ({
    ...signed,
    async verify(request, keys, context) {
      const proof = await signed.verify(request, keys, context);
      // A test is answered and reaches no handler, so it need not be of a subscription.
      if (!proof.verified || subscriptions.length === 0 || request.headers.get("X-Test-Notification") === "true") return proof;
      const [id] = valuesAt(unverifiedData(request), "subscription_id");
      return typeof id === "string" && subscriptions.includes(id)
        ? proof
        : failed("claim_mismatch", "The delivery is of a subscription that the settings do not name.");
    },
  }),
  defaultSecret: `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvO8vXV+JksBzZAY6GhSO
XdoTCfhXaaiZ+qAbtaDBiu2AGkGVpmEygFmWP4Li9m5+Ni85BhVvZOodM9epgW3F
bA5Q1SexvAF1PPjX4JpMstak/QhAgl1qMSqEevL8cmUeTgcMuVWCJmlge9h7B1CS
D4rtlimGZozG39rUBDg6Qt2K+P4wBfLblL0k4C4YUdLnpGYEDIth+i8XsRpFlogx
CAFyH9+knYsDbR43UJ9shtc42Ybd40Afihj8KnYKXzchyQ42aC8aZ/h5hyZ28yVy
Oj3Vos0VdBIs/gAyJ/4yyQFCXYte64I7ssrlbGRaco4nKF3HmaNhxwyKyJafz19e
HwIDAQAB
-----END PUBLIC KEY-----`,
  events: { body: "event_type" },
  deliveryId: { header: "X-Delivery-Id" },
  sentAt: { from: { body: "sent_at" }, unit: "iso" },
  account: { body: "data.resource.profile_id" },
  handshakes: [ignoreWhenHeader("X-Test-Notification", "true")],
  timeLimitMs: 5_000,
});
