import type { WebhookServer, WebhooksOptions } from "hookwright";
import Koa from "koa";
import type { ListenOptions } from "../../src/koa/listen.ts";
import { afterThisTest, type Harness, harness, signedPush } from "./harness.ts";

/** An app on a real socket. */
export interface App extends Harness {
  readonly app: Koa;
  readonly server: WebhookServer;
  /** `http://localhost:<port>`. */
  readonly base: string;
  /** Where GitHub delivers. */
  readonly url: string;
  /** Posts a signed push over HTTP. */
  post(options?: Parameters<typeof signedPush>[0], path?: string): Promise<Response>;
}

/** What an app is made of. */
export interface AppOptions {
  readonly webhooks?: Partial<WebhooksOptions>;
  readonly listen?: Partial<ListenOptions>;
  /** Middleware in front of the routes. */
  readonly before?: readonly Koa.Middleware[];
  /** Middleware behind the routes. */
  readonly after?: readonly Koa.Middleware[];
  /** Where the routes stand besides. */
  readonly prefixes?: readonly string[];
  /** Koa's own settings. */
  readonly koa?: { readonly proxy?: boolean };
}

/** Starts an app on a free port of this machine; it is closed after the test. */
export async function startApp({
  webhooks = {},
  listen = {},
  before = [],
  after = [],
  prefixes = [],
  koa = {},
}: AppOptions = {}): Promise<App> {
  const parts = harness(webhooks);
  const app = new Koa(koa);
  for (const middleware of before) app.use(middleware);
  app.use(parts.webhooks.routes());
  for (const prefix of prefixes) app.use(parts.webhooks.routes({ prefix }));
  for (const middleware of after) app.use(middleware);
  const server = await parts.webhooks.listen(app, { port: 0, host: "127.0.0.1", signals: false, graceMs: 0, ...listen });
  afterThisTest(() => server.close());
  const base = `http://127.0.0.1:${server.port}`;
  const prefix = webhooks.prefix ?? "/api/webhooks/incoming";
  const url = `${base}${prefix}/github`;
  return {
    ...parts,
    app,
    server,
    base,
    url,
    post: (options = {}, path = "") => {
      const { headers, body } = signedPush(options);
      return fetch(`${url}${path}`, { method: "POST", headers, body: new Uint8Array(body) });
    },
  };
}
