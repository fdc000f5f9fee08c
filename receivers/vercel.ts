import { defineReceiver, type Handshake, hmac, isSameText, textSetting } from "../src/receiver/index.ts";

/**
 * Vercel webhooks and log drains: HMAC-SHA1 of the body in `x-vercel-signature`. The event is the body's `type`; for a list
 * of log lines, it is each `source`. The check of a drain's URL wants the code from the dashboard in a header.
 */
export const vercel = defineReceiver({
  name: "vercel",
  title: "Vercel",
  docs: "https://vercel.com/docs/webhooks/webhooks-api",
  category: "cloud and infrastructure",
  confirmed: ["verifier", "documented"],
  setup:
    "Under the team's settings, Webhooks or Drains, add the URL; the secret is shown once. Integrations sign with their client secret.",
  secretName: "the secret of the webhook or drain, or the integration's client secret",
  eventNames: "The body's `type`, such as `deployment.created`; of a log drain the `source` of its lines, such as `lambda`.",
  notes: [
    "Choose JSON as the format of a drain: lines of JSON (NDJSON) are refused with 415.",
    "A drain's delivery has no identifier.",
    "While `drainCode` is set, POST requests without a signature are answered 200 with that code, and are otherwise ignored.",
  ],
  settings: {
    drainCode: textSetting({ about: "The value for `x-vercel-verify` that the dashboard shows when a drain is created." }),
  },
  verify: hmac({ header: "x-vercel-signature", hash: "sha1" }),
  events: { firstOf: [{ body: "type" }, { body: "*.source" }] },
  eventRequired: false,
  deliveryId: { body: "id" },
  sentAt: { from: { body: "createdAt" }, unit: "milliseconds" },
  account: { body: "payload.team.id" },
  handshakes: ({ drainCode }) => (drainCode === undefined ? [] : [drainCheck("GET", drainCode), drainCheck("POST", drainCode)]),
});

/** A request without signature that wants to see the code; one that names another code is refused. */
function drainCheck(method: "GET" | "POST", code: string): Handshake {
  return {
    proof: "none",
    method,
    answer: ({ headers }) => {
      if (headers.all("x-vercel-signature").length > 0) return undefined;
      const given = headers.get("x-vercel-verify");
      if (given !== undefined && !isSameText(code, given)) return "refused";
      return { status: 200, headers: { "x-vercel-verify": code }, body: "" };
    },
  };
}
