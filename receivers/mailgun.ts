import { defineReceiver, flagSetting, hmac, type LocalScheme, type Scheme, strongestOf } from "../src/receiver/index.ts";

/**
 * Mailgun: HMAC-SHA256 of a time and a random token, in the body. The rest of the body is not signed. The event is
 * `event-data.event` with the severity of a failure; a message of a route has none and is `inbound`.
 */
export const mailgun = defineReceiver({
  name: "mailgun",
  title: "Mailgun",
  docs: "https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks",
  category: "e-mail and marketing",
  confirmed: "library",
  setup: "Add the URL under Send, Sending, Webhooks, or as the action of a route; API Security shows the HTTP webhook signing key.",
  secretName: "the HTTP webhook signing key, which is not the API key",
  eventNames: "`delivered`, `opened`, `failed.permanent`, `failed.temporary`, …; `inbound` for a message of a route.",
  notes: [
    "Only time and token are signed, so whoever sees a delivery can send others with them: fetch what matters through the API.",
    "The token serves as delivery id, so that it is taken once.",
    "A time further back than 15 minutes is refused, as by Mailgun's own library.",
    "A 406 stops Mailgun's retries.",
  ],
  settings: {
    subaccounts: flagSetting({
      about: "Whether the key is the primary account's, so that events of its subaccounts count by their `parent-signature`.",
    }),
  },
  verify: ({ subaccounts }) => schemeOf(subaccounts),
  body: { kinds: ["json", "form", "multipart"] },
  events: {
    firstOf: [{ joined: [{ body: "event-data.event" }, { body: "event-data.severity" }] }, { body: "event" }, { value: "inbound" }],
  },
  deliveryId: { firstOf: [{ body: "signature.token" }, { body: "token" }] },
  sentAt: { from: { firstOf: [{ body: "signature.timestamp" }, { body: "timestamp" }] }, unit: "seconds" },
});

function schemeOf(subaccounts: boolean): Scheme<Buffer> {
  const parent = { when: { body: "signature.parent-signature" }, scheme: signedAt("signature.", "parent-signature") };
  const own = { when: { body: "signature.signature" }, scheme: signedAt("signature.", "signature") };
  const fields = { when: { body: "signature" }, scheme: signedAt("", "signature") };
  const strongest = strongestOf(subaccounts ? [parent, own, fields] : [own, fields]);
  return {
    ...strongest,
    sign(request, secret, context) {
      const isForm = /form/i.test(request.headers.get("content-type") ?? "");
      const signed = (isForm ? fields.scheme : strongest).sign?.(request, secret, context);
      if (!signed) throw new TypeError("sign: the scheme does not sign.");
      return signed;
    },
  };
}

function signedAt(path: string, name: string): LocalScheme<Buffer> {
  return hmac({
    from: { body: `${path}${name}` },
    timestamp: { body: `${path}timestamp` },
    signed: `{timestamp}{field:${path}token}`,
    tolerance: { pastSeconds: 900, futureSeconds: 60 },
  });
}
