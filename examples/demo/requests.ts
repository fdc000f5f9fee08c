import { randomUUID } from "node:crypto";
import webhooksExamples from "@octokit/webhooks-examples" with { type: "json" };
import { sign as signForGithub } from "@octokit/webhooks-methods";
import { slack } from "hookwright/receivers/slack";
import { signRequest } from "hookwright/testing";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";

/** Secrets of the demo. Never use them anywhere else. */
export const demoSecrets = {
  github: "hookwright demo secret, not for production",
  stripe: "whsec_hookwrightDemoNotForProduction",
  slack: "hookwright-demo-not-for-production",
  standardWebhooks: "whsec_aG9va3dyaWdodC1kZW1vLW5vdC1mb3ItcHJvZHVjdGlvbg==",
} as const;

/** One request that the demo sends. */
export interface DemoRequest {
  readonly title: string;
  /** Path below the prefix. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether a job is queued for it. */
  readonly queues: boolean;
}

/** Real payloads, signed by the providers' own libraries where there are some. */
export async function demoRequests(): Promise<readonly DemoRequest[]> {
  const push = JSON.stringify(examplePayload("push"));
  const pushHeaders = await githubHeaders("push", push);
  const old = await githubHeaders("push", push);
  const issues = JSON.stringify(examplePayload("issues"));
  return [
    { title: "a GitHub push, signed by @octokit/webhooks-methods", path: "/github", headers: pushHeaders, body: push, queues: true },
    { title: "the same delivery again, as GitHub redelivers it", path: "/github", headers: pushHeaders, body: push, queues: false },
    { title: "a GitHub issue event", path: "/github", headers: await githubHeaders("issues", issues), body: issues, queues: true },
    { title: "a push to a retired id", path: "/github/old-shop", headers: old, body: push, queues: false },
    {
      title: "a forged push: one byte of the body changed",
      path: "/github",
      headers: pushHeaders,
      body: push.replace("refs/tags", "refs/tagz"),
      queues: false,
    },
    { title: "a push to an id that was never configured", path: "/github/nobody", headers: pushHeaders, body: push, queues: false },
    stripeInvoice(),
    slashCommand(),
    standardEvent(),
  ];
}

/** Headers of a GitHub delivery. */
export async function githubHeaders(event: string, body: string): Promise<Record<string, string>> {
  return {
    "content-type": "application/json",
    "x-github-event": event,
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": await signForGithub(demoSecrets.github, body),
  };
}

function examplePayload(event: string): unknown {
  const examples = webhooksExamples as unknown as readonly { readonly name: string; readonly examples: readonly unknown[] }[];
  const found = examples.find(({ name }) => name === event)?.examples[0];
  if (found === undefined) throw new Error(`@octokit/webhooks-examples has no example of ${event}.`);
  return found;
}

function stripeInvoice(): DemoRequest {
  const body = JSON.stringify({
    id: `evt_${randomUUID()}`,
    object: "event",
    type: "invoice.paid",
    data: { object: { id: "in_1", object: "invoice", amount_paid: 4200 } },
  });
  const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret: demoSecrets.stripe });
  return {
    title: "a Stripe invoice.paid, signed by the stripe library",
    path: "/stripe",
    headers: { "content-type": "application/json", "stripe-signature": signature },
    body,
    queues: true,
  };
}

function slashCommand(): DemoRequest {
  const { headers, body } = signRequest(slack, {
    secret: demoSecrets.slack,
    contentType: "application/x-www-form-urlencoded",
    body: new URLSearchParams({ command: "/weather", text: "Oslo", trigger_id: randomUUID(), team_domain: "example" }).toString(),
  });
  return { title: "a Slack slash command, answered into the channel", path: "/slack", headers, body: body.toString(), queues: false };
}

function standardEvent(): DemoRequest {
  const id = `msg_${randomUUID()}`;
  const now = new Date();
  const body = JSON.stringify({ type: "user.created", timestamp: now.toISOString(), data: { name: "Åsa" } });
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": new Webhook(demoSecrets.standardWebhooks).sign(id, now, body),
  };
  return {
    title: "a Standard Webhooks event, signed by the standardwebhooks library",
    path: "/standard-webhooks",
    headers,
    body,
    queues: true,
  };
}
