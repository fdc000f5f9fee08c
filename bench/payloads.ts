import { createHmac } from "node:crypto";
import webhooksExamples from "@octokit/webhooks-examples" with { type: "json" };

/** The secret of every benchmark. */
export const secret = "a benchmark secret of a usual length";

/** A GitHub push of about 7 kB, as GitHub sends it, and a short one of about 300 B. */
export const bodies = { small: smallPush(), large: largePush() } as const;

/** Name of a body. */
export type BodyName = keyof typeof bodies;

/** The signature header of a body. */
export function signatureOf(body: Buffer): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/** Headers as GitHub sends them; the delivery id is replaced in every request. */
export function headersOf(body: Buffer): Record<string, string> {
  return {
    Host: "127.0.0.1",
    Accept: "*/*",
    "Content-Type": "application/json",
    "User-Agent": "GitHub-Hookshot/044aadd",
    "X-GitHub-Delivery": deliveryIdMark,
    "X-GitHub-Event": "push",
    "X-GitHub-Hook-ID": "292430182",
    "X-GitHub-Hook-Installation-Target-ID": "79929171",
    "X-GitHub-Hook-Installation-Target-Type": "repository",
    "X-Hub-Signature-256": signatureOf(body),
    "Content-Length": String(body.length),
  };
}

/** Stands in a request's bytes where the delivery id goes: same length as a UUID. */
export const deliveryIdMark = "00000000-0000-0000-0000-000000000000";

function smallPush(): Buffer {
  const push = {
    ref: "refs/heads/main",
    before: "0".repeat(40),
    after: "1".repeat(40),
    repository: { id: 1, full_name: "octo/hello" },
    pusher: { name: "octo" },
    commits: [],
  };
  return Buffer.from(JSON.stringify({ ...push, padding: "x".repeat(60) }));
}

function largePush(): Buffer {
  const examples = webhooksExamples as unknown as readonly { readonly name: string; readonly examples: readonly object[] }[];
  const push = examples.find(({ name }) => name === "push")?.examples[0];
  const text = JSON.stringify({ ...push, note: "für Zoë" });
  return Buffer.from(text);
}
