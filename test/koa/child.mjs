// A process of its own for the tests of signals: an app whose one handler waits for as long as the environment says.
import Koa from "koa";
import { github } from "./receivers/github.js";
import { createWebhooks, handler, WebhookHandler } from "./src/index.js";

class Slow extends WebhookHandler {
  async execute() {
    process.stdout.write("handling\n");
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.HANDLER_MS)));
  }
}
handler()(Slow);

const webhooks = createWebhooks({ receivers: [github], handlers: [Slow], secrets: { github: process.env.SECRET } });
const app = new Koa();
app.use(webhooks.routes());
const server = await webhooks.listen(app, { port: 0, host: "127.0.0.1", graceMs: Number(process.env.GRACE_MS) });
process.stdout.write(`port ${server.port}\n`);
