import Koa from "koa";
import { createApp } from "./webhooks.ts";

const [database = "", secret = "", port = "0"] = process.argv.slice(2);
const webhooks = createApp(database, secret, "web");
const app = new Koa();
app.use(webhooks.routes());
const server = await webhooks.listen(app, { port: Number(port), host: "127.0.0.1" });
process.send?.({ port: server.port });
