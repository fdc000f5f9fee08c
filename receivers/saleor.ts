import { defineReceiver, flagSetting, hmac, jwt } from "../src/receiver/index.ts";

/**
 * Saleor: an RS256 signature of the body, as a detached token, in `Saleor-Signature`; its keys are at the API's own host. The
 * event is `Saleor-Event`.
 */
export const saleor = defineReceiver({
  name: "saleor",
  title: "Saleor",
  docs: "https://docs.saleor.io/developer/extending/webhooks/payload-signature",
  category: "commerce",
  confirmed: "library",
  setup: "Create a webhook of the app with this URL, and leave its secret key empty, so that Saleor signs with its own key.",
  secretName: "the URL of the API that the app is installed at, such as `https://shop.saleor.cloud/graphql/`",
  eventNames: "`Saleor-Event`, such as `order_created` or `product_updated`.",
  notes: [
    "Keys are fetched from the configured host alone, never from the one that the request's `Saleor-Api-Url` names.",
    "The event stands in a header that is not signed: ask for `__typename` in the subscription's query and compare it.",
    "No time is signed, and a delivery has no id, so a redelivery is not recognized.",
    "Synchronous webhooks want their answer as JSON: set a response in a handler.",
  ],
  settings: {
    legacySecret: flagSetting({
      about: "Whether the webhook has a secret key, which then stands under `secrets` and signs the body. Deprecated by Saleor.",
    }),
  },
  verify: ({ legacySecret }) => (legacySecret ? hmac({ header: "Saleor-Signature" }) : withPublishedKeys()),
  events: { header: "Saleor-Event" },
});

function withPublishedKeys() {
  const scheme = jwt({
    header: "Saleor-Signature",
    detached: true,
    algorithms: ["RS256"],
    key: { jwks: (apiUrl) => new URL("/.well-known/jwks.json", apiUrl).href },
  });
  const { secret } = scheme;
  const parse: typeof secret.parse = (text) => (URL.parse(text)?.protocol === "https:" ? secret.parse(text) : undefined);
  return { ...scheme, secret: { ...secret, description: "an https URL", parse } };
}
