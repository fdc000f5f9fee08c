import {
  defineReceiver,
  failed,
  hmac,
  type ReceiverRequest,
  type SignedAlternatives,
  unverifiedData,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Gogs: HMAC-SHA256 of the JSON in `X-Gogs-Signature`, also where that stands in the field `payload` of a form. The event is
 * `X-Gogs-Event` with the body's `action`, such as `issues.opened`.
 */
export const gogs = defineReceiver({
  name: "gogs",
  title: "Gogs",
  docs: "https://gogs.io/advancing/webhooks",
  category: "source control and CI",
  confirmed: "known",
  setup: "Under the settings of a repository or organization, Webhooks, add one of the type Gogs with this URL and a secret.",
  secretName: "the webhook's secret",
  eventNames: "`X-Gogs-Event` with the body's `action`, such as `push`, `issues.opened` or `pull_request.closed`.",
  notes: [
    "`X-Gogs-Event` and `X-Gogs-Delivery` are not signed, and no time is.",
    "Confirmed by gogs/gogs, `internal/database/webhook.go`, and by go-playground/webhooks.",
  ],
  verify: hmac({
    header: "X-Gogs-Signature",
    signed: { coversBody: true, coversUrl: false, read: signedPart },
  }),
  body: { kinds: ["json", "form"], jsonField: "payload" },
  events: { joined: [{ header: "X-Gogs-Event" }, { body: "action" }] },
  deliveryId: { header: "X-Gogs-Delivery" },
  account: { body: "repository.full_name" },
});

/** The body; of a form, told as the body's reader tells it, the JSON in its one field. */
function signedPart(request: ReceiverRequest): SignedAlternatives {
  const [essence = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (essence.trim().toLowerCase() !== "application/x-www-form-urlencoded") return { alternatives: [[request.body]] };
  const [payload] = valuesAt(unverifiedData(request), "payload");
  if (typeof payload !== "string") return failed("signed_part_missing", "The form has no field payload, or more than one.");
  return { alternatives: [[payload]] };
}
