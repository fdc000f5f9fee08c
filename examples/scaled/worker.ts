import { createApp } from "./webhooks.ts";

const [database = "", secret = ""] = process.argv.slice(2);
const webhooks = createApp(database, secret, "worker");
await webhooks.start();
process.on("SIGTERM", () => void webhooks.close().then(() => process.exit(0)));
process.send?.("ready");
