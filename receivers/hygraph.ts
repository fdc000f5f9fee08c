import { isUtf8 } from "node:buffer";
import { defineReceiver, digest, failed, hmac, type ReceiverRequest, type SignedAlternatives } from "../src/receiver/index.ts";

const scheme = hmac({
  header: "gcms-signature",
  signature: { form: "pairs", signature: "sign", timestamp: "t" },
  encoding: "base64",
  timeUnit: "milliseconds",
  signed: { coversBody: true, coversUrl: false, read: signedText },
});

/**
 * Hygraph: HMAC-SHA256 of a JSON object that holds the body as text, the environment and the time in milliseconds; the last two
 * stand beside the signature in `gcms-signature`. The event is the body's `operation`.
 */
export const hygraph = defineReceiver({
  name: "hygraph",
  title: "Hygraph",
  docs: "https://hygraph.com/docs/api-reference/basics/webhooks",
  category: "content, forms, signing, files",
  confirmed: "library",
  setup: "Add a webhook in the project's settings and enter a secret key under its advanced options.",
  secretName: "the webhook's secret key",
  eventNames: "The body's `operation`, such as `create`, `update`, `publish`, `unpublish` or `delete`.",
  notes: [
    "There is no delivery id.",
    "Hygraph's own library does not look at the signed time; here it may be five minutes old.",
    "Webhooks without a secret key are not signed, and refused.",
  ],
  verify: {
    ...scheme,
    sign(request, secret, { now }) {
      const time = Math.floor(now * 1000);
      const text = textOf(request.body, "master", time);
      return {
        headers: {
          "gcms-signature": `sign=${digest("sha256", Buffer.from(secret), [text]).toString("base64")}, env=master, t=${time}`,
        },
      };
    },
  },
  events: { body: "operation" },
});

function signedText(request: ReceiverRequest, timestamp: string): SignedAlternatives {
  if (!isUtf8(request.body)) return failed("verification_failed", "The body is not UTF-8, so it cannot be what was signed.");
  const environments = (request.headers.get("gcms-signature") ?? "").split(",").map((pair) => /^\s*env=(.+)$/s.exec(pair)?.[1]);
  const [environment, ...more] = environments.filter((one) => one !== undefined);
  if (environment === undefined || more.length > 0) return failed("signed_part_missing", "The header gcms-signature has no single `env`.");
  return { alternatives: [[textOf(request.body, environment, Number(timestamp))]] };
}

function textOf(body: Buffer, environment: string, time: number): string {
  return JSON.stringify({ Body: body.toString("utf8"), EnvironmentName: environment, TimeStamp: time });
}
