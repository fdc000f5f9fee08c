import { defineReceiver, failed, hmac, type ReceiverRequest, type Verification, type VerifyContext } from "../src/receiver/index.ts";

const oneSet = hmac({
  header: "Persona-Signature",
  signature: { form: "pairs", timestamp: "t", signature: "v1" },
  signed: "{timestamp}.{body}",
});

/**
 * Persona: HMAC-SHA256 of time and body in `Persona-Signature`; while a secret is replaced there are two sets, `t=…,v1=… t=…,v1=…`, any
 * of which may hold. The event is `data.attributes.name`.
 */
export const persona = defineReceiver({
  name: "persona",
  title: "Persona",
  docs: "https://docs.withpersona.com/docs/webhooks-best-practices",
  category: "identity and HR",
  confirmed: "verifier",
  setup: "Create the webhook under Webhooks on the dashboard; its secret is shown there.",
  secretName: "the webhook's secret",
  eventNames: "`data.attributes.name`, such as `inquiry.completed`.",
  verify: { ...oneSet, verify },
  events: { body: "data.attributes.name" },
  deliveryId: { body: "data.id" },
  sentAt: { from: { body: "data.attributes.created-at" }, unit: "iso" },
});

function verify(request: ReceiverRequest, keys: readonly Buffer[], context: VerifyContext): Verification {
  const [first = "", ...more] = request.headers.get("Persona-Signature")?.split(/\s(?=t=)/, maxSets + 1) ?? [];
  if (more.length === 0) return oneSet.verify(request, keys, context);
  if (more.length >= maxSets) return failed("signature_malformed", `The header Persona-Signature has more than ${maxSets} sets.`);
  const [found, ...others] = [first, ...more].map((set) => oneSet.verify(withSignature(request, set), keys, context));
  return others.find(({ verified }) => verified && !found?.verified) ?? found ?? oneSet.verify(request, keys, context);
}

function withSignature(request: ReceiverRequest, signature: string): ReceiverRequest {
  const rawHeaders = request.headers.raw.map((text, i, raw) =>
    i % 2 === 1 && raw[i - 1]?.toLowerCase() === "persona-signature" ? signature : text,
  );
  return request.with({ rawHeaders });
}

const maxSets = 4;
