import { defineReceiver, hmac, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Expo EAS: HMAC-SHA1 of the body in `expo-signature`. The event is made of what ended and the body's `status`:
 * `build.finished`, or `submit.errored` where the body links to the details of a submission.
 */
export const expo = defineReceiver({
  name: "expo",
  title: "Expo EAS",
  docs: "https://docs.expo.dev/eas/webhooks/",
  category: "source control and CI",
  confirmed: "documented",
  setup: "Run `eas webhook:create` in the project, once for builds and once for submissions, with the URL and a secret.",
  secretName: "the webhook's signing secret",
  eventNames: "`build.` or `submit.` and the body's `status`: `build.finished`, `build.errored`, `submit.canceled`.",
  verify: hmac({ header: "expo-signature", hash: "sha1", signature: { form: "whole", prefix: "sha1=" } }),
  events: eventOf,
  deliveryId: { joined: [{ body: "id" }, { body: "status" }], separator: ":" },
  sentAt: { from: { body: "updatedAt" }, unit: "iso" },
  account: { body: "accountName" },
  sample: sampleOf,
});

function eventOf({ data }: VerifiedRequest): string | undefined {
  const [status] = valuesAt(data, "status");
  if (typeof status !== "string" || status === "") return undefined;
  return `${valuesAt(data, "submissionDetailsPageUrl").length > 0 ? "submit" : "build"}.${status}`;
}

function sampleOf(event: string | undefined, id: string) {
  const [kind, status] = event?.split(".") ?? [];
  const link = kind === "submit" ? { submissionDetailsPageUrl: "https://expo.dev/" } : {};
  return { body: { id, ...link, ...(status === undefined ? {} : { status }) } };
}
