import { defineReceiver, payloadTypes, token } from "../src/receiver/index.ts";

/**
 * Kudu, the deployment engine of Azure App Service: it signs nothing, so a secret of your own stands in the URL as `?code=…`.
 * The event is the deployment's `status`.
 */
export const kudu = defineReceiver({
  name: "kudu",
  title: "Kudu (Azure App Service)",
  docs: "https://github.com/projectkudu/kudu/wiki/Web-hooks",
  category: "cloud and infrastructure",
  confirmed: "documented",
  setup: "On the site's Kudu page under Tools, Web hooks, subscribe the URL with `?code=<secret>` to PostDeployment.",
  secretName: "a secret of your own, which stands in the URL as `?code=…`",
  eventNames: "The body's `status`: `success` or `failed`.",
  notes: [
    "The proof says nothing about the body: ask Kudu's API for the deployment before acting on it.",
    "There is no delivery id: `id` is the commit, which can be deployed again.",
  ],
  verify: token({ parameter: "code" }),
  secretBytes: { min: 32 },
  events: { body: "status" },
  sentAt: { from: { body: "endTime" }, unit: "iso" },
  account: { body: "siteName" },
  payloads: payloadTypes<{ "*": KuduNotification }>(),
});

/** A deployment that has ended. Times are ISO 8601. */
export interface KuduNotification {
  /** The deployment, named by its commit. */
  readonly id: string;
  readonly status: string;
  readonly statusText: string;
  readonly authorEmail: string;
  readonly author: string;
  /** The commit's message. */
  readonly message: string;
  readonly progress: string;
  readonly deployer: string;
  readonly receivedTime: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly lastSuccessEndTime: string | null;
  readonly complete: boolean;
  readonly siteName: string;
}
