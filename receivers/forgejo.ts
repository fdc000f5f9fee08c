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
 * Forgejo: HMAC-SHA256 of the JSON in `X-Forgejo-Signature`, also where that stands in the field `payload` of a form. The event is
 * `X-Forgejo-Event` with the body's `action`, such as `issues.opened`.
 */
export const forgejo = defineReceiver({
  name: "forgejo",
  title: "Forgejo",
  docs: "https://forgejo.org/docs/latest/user/webhooks/",
  category: "source control and CI",
  confirmed: "known",
  setup: "Under the settings of a repository or organization, Webhooks, add one of the type Forgejo with this URL and a secret.",
  secretName: "the webhook's secret",
  eventNames: "`X-Forgejo-Event` with the body's `action`, such as `push`, `issues.opened` or `pull_request.closed`.",
  notes: [
    "`X-Forgejo-Event` and `X-Forgejo-Delivery` are not signed, and no time is.",
    "The headers of Gitea, Gogs and GitHub beside it are not read.",
    "Confirmed by Forgejo's sender, `AddDefaultHeaders` of `services/webhook/shared`.",
  ],
  verify: hmac({
    header: "X-Forgejo-Signature",
    signed: { coversBody: true, coversUrl: false, read: signedPart },
  }),
  body: { kinds: ["json", "form"], jsonField: "payload" },
  events: { joined: [{ header: "X-Forgejo-Event" }, { body: "action" }] },
  deliveryId: { header: "X-Forgejo-Delivery" },
  account: { body: "repository.full_name" },
  safeHeaders: ["X-Forgejo-Event-Type"],
});

/** The body; of a form, told as the body's reader tells it, the JSON in its one field. */
function signedPart(request: ReceiverRequest): SignedAlternatives {
  const [essence = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (essence.trim().toLowerCase() !== "application/x-www-form-urlencoded") return { alternatives: [[request.body]] };
  const [payload] = valuesAt(unverifiedData(request), "payload");
  if (typeof payload !== "string") return failed("signed_part_missing", "The form has no field payload, or more than one.");
  return { alternatives: [[payload]] };
}
