import { createHash } from "node:crypto";
import { defineReceiver, failed, isSameText, jwt, pathOf, type ReceiverRequest, textSetting } from "../src/receiver/index.ts";

/**
 * Atlassian Connect, apps for Jira and Confluence: a token as `Authorization: JWT`, or in `jwt` of the query, with a hash of
 * method, path and query; it says nothing of the body. The event is `webhookEvent`. Each tenant has a secret of its own.
 */
export const atlassianConnect = defineReceiver({
  name: "atlassian-connect",
  title: "Atlassian Connect",
  docs: "https://developer.atlassian.com/cloud/jira/platform/understanding-jwt-for-connect-apps/",
  category: "productivity",
  confirmed: "library",
  setup:
    "Declare the webhook in the app's descriptor. Keep the shared secret that the installation of the app hands over, under an id for each tenant.",
  secretName: "the tenant's shared secret, from the app's `installed` callback",
  eventNames: "The body's `webhookEvent`, such as `jira:issue_created`; of Confluence, `event` where there is one.",
  notes: [
    "The token does not cover the body: fetch the issue or page before you act on it.",
    "The callbacks `installed` and `uninstalled` are signed with Atlassian's own key and are not taken here.",
    "Path and query are signed, relative to the app's base URL.",
  ],
  settings: {
    basePath: textSetting({ about: "The path of the descriptor's `baseUrl`, if it has one, such as `/app`.", default: "/" }),
    clientKey: textSetting({ about: "The tenant's client key. Where it is set, tokens of another issuer are refused." }),
  },
  verify: ({ basePath, clientKey }) => ({
    ...jwt({
      from: [{ header: "Authorization" }, { query: "jwt" }],
      prefix: "JWT ",
      algorithms: ["HS256"],
      key: "secret",
      ...(clientKey === undefined ? {} : { issuer: clientKey }),
      clockSkewSeconds: 30,
      check: ({ qsh }, request) =>
        typeof qsh === "string" && isSameText(queryHash(request, basePath), qsh)
          ? undefined
          : failed("claim_mismatch", "The token's `qsh` is not the hash of method, path and query. Is `basePath` right?"),
      claimsToSign: (request) => ({ qsh: queryHash(request, basePath) }),
    }),
    signsPath: true,
  }),
  events: { firstOf: [{ body: "webhookEvent" }, { body: "event" }] },
  eventRequired: false,
  sentAt: { from: { body: "timestamp" }, unit: "milliseconds" },
});

/** SHA-256 of the canonical request. "Understanding JWT for Connect apps", section "Creating a query string hash". */
function queryHash({ method, url, query }: ReceiverRequest, basePath: string): string {
  const [path = ""] = pathOf(url).split("?");
  const base = basePath.replace(/\/$/, "");
  const relative = path === base || path.startsWith(`${base}/`) ? path.slice(base.length) : path;
  const names = [...new Set(query.keys())].filter((name) => name !== "jwt").sort();
  const parameters = names.map((name) => `${encode(name)}=${query.getAll(name).sort().map(encode).join(",")}`);
  const canonical = [method.toUpperCase(), relative.replaceAll("&", "%26").replace(/\/$/, "") || "/", parameters.join("&")];
  return createHash("sha256").update(canonical.join("&")).digest("hex");
}

/** RFC 3986: all but its unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
