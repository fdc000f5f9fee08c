import { defineReceiver, flagSetting, hmac, ignoreWhenHeader, payloadTypes, strongestOf } from "../src/receiver/index.ts";

/**
 * GitHub: HMAC-SHA256 of the body in `X-Hub-Signature-256`; the older SHA-1 header alone is refused. The event `issues`
 * whose body has the action `opened` is both `issues` and `issues.opened`. A `ping` is answered and reaches no handler.
 */
export const github = defineReceiver({
  name: "github",
  title: "GitHub",
  docs: "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
  category: "source control and CI",
  confirmed: ["library", "vector"],
  setup: "In the settings of the repository, organization or app, add a webhook with the URL and a secret; content type JSON or form.",
  secretName: "the webhook's secret",
  eventNames: "`X-GitHub-Event`, and behind a dot the body's `action`: `push`, `issues`, `issues.opened`.",
  notes: [
    "No time is signed, and the delivery id stands in a header that is not signed.",
    "GitHub never sends a failed delivery again by itself; a redelivery by hand has the same id.",
    "The delivery id names the event: two webhooks or apps that report it send the same one, so give each an id of its own in the URL.",
    "Data is typed where `@octokit/webhooks-types` is installed.",
  ],
  settings: {
    legacySha1: flagSetting({
      about: "Takes `X-Hub-Signature`, HMAC-SHA1, where there is no SHA-256 signature, as old GitHub Enterprise servers send it.",
    }),
  },
  verify: ({ legacySha1 }) => {
    const sha256 = hmac({ header: "X-Hub-Signature-256", signature: { form: "whole", prefix: "sha256=" } });
    if (!legacySha1) return sha256;
    const sha1 = hmac({ header: "X-Hub-Signature", hash: "sha1", signature: { form: "whole", prefix: "sha1=" } });
    return strongestOf([
      { when: { header: "X-Hub-Signature-256" }, scheme: sha256 },
      { when: { header: "X-Hub-Signature" }, scheme: sha1 },
    ]);
  },
  body: { kinds: ["json", "form"], jsonField: "payload" },
  events: { name: { header: "X-GitHub-Event" }, narrowedBy: { body: "action" } },
  deliveryId: { header: "X-GitHub-Delivery" },
  account: { firstOf: [{ body: "installation.id" }, { header: "X-GitHub-Hook-Installation-Target-ID" }] },
  handshakes: [ignoreWhenHeader("X-GitHub-Event", "ping")],
  safeHeaders: ["X-GitHub-Event", "X-GitHub-Hook-ID", "X-GitHub-Hook-Installation-Target-ID", "X-GitHub-Hook-Installation-Target-Type"],
  timeLimitMs: 10_000,
  payloads: payloadTypes<GitHubPayloads>(),
});

/** What each event carries, by its name and by name and action. Empty unless `@octokit/webhooks-types` is installed. */
export interface GitHubPayloads extends ByName, ByAction {}

// biome-ignore lint/suspicious/noTsIgnore: an expected error is one only where the package is not installed.
/** @ts-ignore The package is an optional peer. */
type Octokit = import("@octokit/webhooks-types").EventPayloadMap;

/** A type of a package that is not installed has every member that there can be; it becomes one without any. */
type ByName = symbol extends keyof Octokit ? Record<never, never> : Octokit;

type ByAction = { [One in WithAction[keyof WithAction] as One["key"]]: One["payload"] };

type WithAction = { [Name in keyof ByName & string]: ActionsOf<Name, ByName[Name]> };

type ActionsOf<Name extends string, Payload> = Payload extends { action: infer Action extends string }
  ? { key: `${Name}.${Action}`; payload: Payload }
  : never;
