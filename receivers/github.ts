import { defineReceiver, fixedAnswer, hmac, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * GitHub: HMAC-SHA256 of the body in `X-Hub-Signature-256`; the older SHA-1 header alone is refused. The event `issues`
 * whose body has the action `opened` is both `issues` and `issues.opened`. A `ping` is answered and reaches no handler.
 */
export const github = defineReceiver({
  name: "github",
  title: "GitHub",
  docs: "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
  verify: hmac({ header: "X-Hub-Signature-256", signature: { form: "whole", prefix: "sha256=" } }),
  body: { kinds: ["json", "form"], jsonField: "payload" },
  events: eventsOf,
  deliveryId: { header: "X-GitHub-Delivery" },
  handshakes: [
    {
      proof: "scheme",
      method: "POST",
      answer: ({ request }) => (request.headers.get("X-GitHub-Event") === "ping" ? fixedAnswer(200) : undefined),
    },
  ],
  safeHeaders: ["X-GitHub-Event", "X-GitHub-Hook-ID", "X-GitHub-Hook-Installation-Target-ID", "X-GitHub-Hook-Installation-Target-Type"],
  sample: sampleOf,
});

function eventsOf({ request, data }: VerifiedRequest): readonly string[] {
  const names = request.headers.all("X-GitHub-Event");
  const [action] = valuesAt(data, "action");
  return typeof action === "string" && action !== "" ? names.flatMap((name) => [name, `${name}.${action}`]) : names;
}

function sampleOf(event: string | undefined) {
  if (event === undefined) return {};
  const [name = "", action] = event.split(".");
  return { headers: { "X-GitHub-Event": name }, ...(action === undefined ? {} : { body: { action } }) };
}
