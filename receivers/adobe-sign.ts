import {
  choiceSetting,
  type DefaultAnswer,
  defineReceiver,
  type HandshakeOutcome,
  type ReceiverRequest,
  token,
  type VerifiedRequest,
} from "../src/receiver/index.ts";

/**
 * Adobe Acrobat Sign: your application's client id in `X-AdobeSign-ClientId`, which the answer carries back, to the GET that checks
 * the URL and to each delivery. By setting, a secret in the URL is asked instead. The event is the body's `event`.
 */
export const adobeSign = defineReceiver({
  name: "adobe-sign",
  title: "Adobe Acrobat Sign",
  docs: "https://opensource.adobe.com/acrobat-sign/acrobat_sign_events/",
  category: "content, forms, signing, files",
  confirmed: "documented",
  setup: "Create a webhook by the API of your application, or in the web interface, with the URL.",
  secretName: 'the application\'s client id; with `proof: "code"` the secret that stands in the URL as `?code=…`',
  eventNames: "The body's `event`: `AGREEMENT_CREATED`, `AGREEMENT_WORKFLOW_COMPLETED`, `AGREEMENT_REJECTED`.",
  notes: [
    'A client id is a name and no secret: others may know it, and it proves nothing of the body. Prefer `proof: "code"` and fetch the agreement.',
    'Webhooks of the web interface come with a short client id of Adobe\'s own, which start-up refuses: they need `proof: "code"`.',
  ],
  settings: {
    proof: choiceSetting(["client-id", "code"], {
      about: "What proves a request: the client id, or a secret that you put into the webhook's URL as `?code=…`.",
      default: "client-id",
    }),
  },
  verify: ({ proof }) => (proof === "code" ? token({ parameter: "code" }) : token({ header: "X-AdobeSign-ClientId" })),
  events: { body: "event" },
  deliveryId: { body: "webhookNotificationId" },
  sentAt: { from: { body: "eventDate" }, unit: "iso" },
  handshakes: [{ proof: "scheme", method: "GET", answer: verifyIntent }],
  shapeAnswer: withClientId,
});

function verifyIntent({ request }: VerifiedRequest): HandshakeOutcome {
  const { status, headers = {} } = withClientId({ status: 200 }, request);
  return Object.keys(headers).length === 0 ? "malformed" : { status, headers, body: "" };
}

/** Without the client id Acrobat Sign counts a delivery as failed, whatever a handler answered. */
function withClientId(answer: DefaultAnswer, request: ReceiverRequest): DefaultAnswer {
  const clientId = request.headers.get("X-AdobeSign-ClientId") ?? "";
  if (answer.status >= 400 || !/^[\w-]{1,200}$/.test(clientId)) return answer;
  const others = Object.entries(answer.headers ?? {}).filter(([name]) => name.toLowerCase() !== "x-adobesign-clientid");
  return { ...answer, headers: { ...Object.fromEntries(others), "x-adobesign-clientid": clientId } };
}
