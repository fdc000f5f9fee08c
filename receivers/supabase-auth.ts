import { base64Secret, defineReceiver, type SecretFormat, standardWebhooks } from "../src/receiver/index.ts";

const shared = base64Secret("whsec_");

/** The dashboard shows the secret with the version before it, `v1,whsec_…`; both spellings are one key. */
const secret: SecretFormat<Buffer> = {
  description: "`v1,whsec_` and base64, as the dashboard shows it; the prefixes may be absent",
  parse: (text) => shared.parse(withoutVersion(text)),
  byteLength: (text) => shared.byteLength(withoutVersion(text)),
};

/** Supabase Auth hooks: Standard Webhooks. A hook asks a question, and the answer is JSON; few of the bodies name the event. */
export const supabaseAuth = defineReceiver({
  name: "supabase-auth",
  title: "Supabase Auth hooks",
  docs: "https://supabase.com/docs/guides/auth/auth-hooks",
  category: "cloud and infrastructure",
  confirmed: ["verifier", "documented"],
  setup: "In the dashboard, Authentication, Hooks, add a hook of the kind HTTPS with the URL, and generate its secret.",
  secretName: "the hook's secret, `v1,whsec_…`",
  eventNames: "`metadata.name` in the body, such as `before-user-created`; most hooks have no name.",
  notes: [
    "Use an id for each hook, since most bodies do not name theirs.",
    "Supabase waits for the answer: a handler that decides, such as for `custom-access-token`, answers with JSON. Without one the answer is `{}`, by which `before-user-created` lets the user in.",
    "An answer of 429 or 503 with a `Retry-After` is asked again, all within the time limit.",
  ],
  verify: standardWebhooks({ secret }),
  events: { body: "metadata.name" },
  eventRequired: false,
  deliveryId: { header: "webhook-id" },
  timeLimitMs: 5_000,
  respond: { status: 200, headers: { "content-type": "application/json" }, body: "{}" },
});

function withoutVersion(text: string): string {
  return text.startsWith("v1,") ? text.slice(3) : text;
}
