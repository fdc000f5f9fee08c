import { fileOf, outside, packageOf } from "./load.ts";
import { headerOf, lowerHeaders, type Oracle, type Sent } from "./oracle.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** Who signs with which headers; each is signed and verified by the standard's own library. */
const senders: Readonly<Record<string, readonly string[]>> = {
  "webhook-": [
    "standard-webhooks",
    "anthropic",
    "bigcommerce",
    "brex",
    "dodo-payments",
    "etsy",
    "fathom",
    "gemini",
    "gitlab",
    "incident-io",
    "increase",
    "liveblocks",
    "lithic",
    "loops",
    "openai",
    "polar",
    "recall-ai",
    "render",
    "replicate",
    "safebase",
    "safetykit",
    "sardine",
    "supabase-auth",
    "warp",
    "zapier",
  ],
  "svix-": ["svix", "beehiiv", "clerk", "guesty", "nash", "pleo", "privy", "resend", "seam", "stytch", "vanta"],
};

/** What a secret looks like where it is not `whsec_` and base64. */
const otherSecrets: Readonly<Record<string, string>> = {
  brex: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  finch: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "supabase-auth": `v1,${secret}`,
  polar: "polar_whs_p4CkY8b2gTnXw0mQ7rLd5sVzJf1hKe3u",
};

/** The standard's own library under a sender's header names. */
function standard(slug: string, prefix: string, names = [`${prefix}id`, `${prefix}timestamp`, `${prefix}signature`]): Oracle {
  const [id = "", timestamp = "", signature = ""] = names;
  const keyed = (text: string): string => (slug === "polar" ? Buffer.from(text, "utf8").toString("base64") : text.replace(/^v1,/, ""));
  return {
    slug,
    package: "standardwebhooks",
    secret: otherSecrets[slug] ?? secret,
    sign: ({ secret: key, now, body, deliveryId }) => {
      const { Webhook } = packageOf("standardwebhooks");
      const signed = new Webhook(keyed(key)).sign(deliveryId, new outside.Date(now * 1000), body);
      return { headers: { [id]: deliveryId, [timestamp]: String(now), [signature]: signed } };
    },
    accepts: (sent, key) => {
      const { Webhook } = packageOf("standardwebhooks");
      const headers = {
        "webhook-id": headerOf(sent, id),
        "webhook-timestamp": headerOf(sent, timestamp),
        "webhook-signature": headerOf(sent, signature),
      };
      new Webhook(keyed(key)).verify(sent.body.toString(), headers, { jsonParse: false });
      return true;
    },
  };
}

/** A vendor's own package, which verifies what the standard's library signs. */
function vendor(slug: string, name: string, check: (sent: Sent, secret: string) => unknown): Oracle {
  const prefix = senders["svix-"]?.includes(slug) ? "svix-" : "webhook-";
  return {
    ...standard(slug, prefix),
    package: name,
    signedBy: "standardwebhooks",
    accepts: async (sent, key) => {
      await check(sent, key);
      return true;
    },
  };
}

const svix: Oracle = {
  slug: "svix",
  package: "svix",
  secret,
  sign: ({ secret: key, now, body, deliveryId }) => {
    const { Webhook } = packageOf("svix");
    const signature = new Webhook(key).sign(deliveryId, new outside.Date(now * 1000), body);
    return { headers: { "svix-id": deliveryId, "svix-timestamp": String(now), "svix-signature": signature } };
  },
  accepts: (sent, key) => {
    const { Webhook } = packageOf("svix");
    new Webhook(key).verify(sent.body.toString(), lowerHeaders(sent));
    return true;
  },
};

export const oracles: readonly Oracle[] = [
  ...Object.entries(senders).flatMap(([prefix, slugs]) => slugs.map((slug) => standard(slug, prefix))),
  standard("finch", "", ["Finch-Event-Id", "Finch-Timestamp", "Finch-Signature"]),
  svix,
  vendor("anthropic", "@anthropic-ai/sdk", (sent, key) => {
    const { Anthropic } = packageOf("@anthropic-ai/sdk");
    return new Anthropic({ apiKey: "x" }).beta.webhooks.unwrap(sent.body.toString(), { headers: lowerHeaders(sent), key });
  }),
  vendor("clerk", "@clerk/backend", (sent, signingSecret) => {
    const { url, method, body } = sent;
    const { verifyWebhook } = packageOf("@clerk/backend/webhooks");
    return verifyWebhook(new outside.Request(url, { method, headers: { ...sent.headers }, body: body.toString() }), { signingSecret });
  }),
  vendor("dodo-payments", "dodopayments", (sent, key) => {
    const { DodoPayments } = packageOf("dodopayments");
    return new DodoPayments({ bearerToken: "x" }).webhooks.unwrap(sent.body.toString(), { headers: lowerHeaders(sent), key });
  }),
  vendor("lithic", "lithic", (sent, key) => {
    const { Lithic } = packageOf("lithic");
    return new Lithic({ apiKey: "x" }).webhooks.unwrap(sent.body.toString(), lowerHeaders(sent), key);
  }),
  vendor("liveblocks", "@liveblocks/node", (sent, key) => {
    const { WebhookHandler } = packageOf("@liveblocks/node");
    try {
      new WebhookHandler(key).verifyRequest({ headers: lowerHeaders(sent), rawBody: sent.body.toString() });
    } catch (error) {
      // Said only after the proof: the event must be one of Liveblocks'.
      if (!String(error).includes("Unknown event type")) throw error;
    }
  }),
  vendor("openai", "openai", (sent, key) => {
    const { OpenAI } = packageOf("openai");
    return new OpenAI({ apiKey: "x" }).webhooks.unwrap(sent.body.toString(), lowerHeaders(sent), key);
  }),
  vendor("polar", "@polar-sh/sdk", (sent, key) => {
    const { validateEvent, WebhookVerificationError } = packageOf("@polar-sh/sdk/webhooks");
    try {
      validateEvent(sent.body.toString(), lowerHeaders(sent), key);
    } catch (error) {
      // It then reads the event, which must be one of Polar's.
      if (error instanceof WebhookVerificationError) throw error;
    }
  }),
  vendor("privy", "@privy-io/node", (sent, key) => {
    const { PrivyWebhooksService } = fileOf("@privy-io/node/public-api/services/webhooks.js");
    const service = new PrivyWebhooksService({ unsafeUnwrap: JSON.parse });
    return service.verify({ payload: sent.body.toString(), headers: lowerHeaders(sent), signing_secret: key });
  }),
  vendor("replicate", "replicate", async (sent, key) => {
    const { validateWebhook } = packageOf("replicate");
    const headers = new outside.Headers({ ...sent.headers });
    if (!(await validateWebhook({ headers, body: sent.body.toString() }, key))) throw new Error("refused");
  }),
  vendor("resend", "resend", (sent, webhookSecret) => {
    const { Resend } = packageOf("resend");
    const headers = {
      id: headerOf(sent, "svix-id"),
      timestamp: headerOf(sent, "svix-timestamp"),
      signature: headerOf(sent, "svix-signature"),
    };
    return new Resend("re_x").webhooks.verify({ payload: sent.body.toString(), headers, webhookSecret });
  }),
  vendor("seam", "@seamapi/webhook", (sent, key) => {
    const { SeamWebhook } = packageOf("@seamapi/webhook");
    return new SeamWebhook(key).verify(sent.body.toString(), lowerHeaders(sent));
  }),
];
