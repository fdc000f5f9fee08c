import { defineReceiver, failed, type LocalScheme, ReceiverRequest, token, unverifiedData, valuesAt } from "../src/receiver/index.ts";

/** Ko-fi: the page's verification token in the JSON of the form's field `data`. It says nothing of the rest. The event is `type`. */
export const koFi = defineReceiver({
  name: "ko-fi",
  title: "Ko-fi",
  docs: "https://help.ko-fi.com/hc/en-us/articles/360004162298-Does-Ko-fi-have-an-API-or-webhook",
  category: "social, media and creators",
  confirmed: "known",
  setup: "Under More, API, Webhooks, enter the URL; the verification token is under Advanced on the same page.",
  secretName: "the page's verification token",
  eventNames: "`type`: `Donation`, `Subscription`, `Commission` or `Shop Order`.",
  notes: [
    "The token does not cover the rest of the body, and handlers see it in the data: do not log them.",
    "Confirmed by public receivers and their recorded requests, such as the plugin discourse-kofi.",
  ],
  verify: tokenIn("data"),
  body: { kinds: ["form"], jsonField: "data" },
  events: { body: "type" },
  deliveryId: { body: "message_id" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
});

/** The token of the JSON that a field of the form holds. */
function tokenIn(field: string): LocalScheme<Buffer> {
  const inner = token({ field: "verification_token" });
  const sign = inner.sign?.bind(inner);
  return {
    ...inner,
    verify(request, keys, context) {
      const json = jsonIn(request, field);
      return json ? inner.verify(json, keys, context) : failed("signature_missing", `The form has no field ${field}, or more than one.`);
    },
    ...(sign
      ? {
          sign: (request, secret, context) => {
            const { body = request.body } = sign(jsonIn(request, field) ?? asJson(request, "{}"), secret, context);
            return { headers: {}, body: Buffer.from(new URLSearchParams({ [field]: body.toString("utf8") }).toString()) };
          },
        }
      : {}),
  };
}

function jsonIn(request: ReceiverRequest, field: string): ReceiverRequest | undefined {
  const [text] = valuesAt(unverifiedData(request), field);
  return typeof text === "string" ? asJson(request, text) : undefined;
}

function asJson({ method, url }: ReceiverRequest, text: string): ReceiverRequest {
  return new ReceiverRequest({ method, url, rawHeaders: ["content-type", "application/json"], body: Buffer.from(text) });
}
