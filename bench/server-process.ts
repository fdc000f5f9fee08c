// A server to measure, in a process of its own. Parent: { cpu } asks for the CPU time used so far, { stop } ends it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type VariantName, variants } from "./variants.ts";

const [name = "", file = ""] = process.argv.slice(2);
const variant = variants[name as VariantName](file);
const server = createServer(variant.listener);
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on("message", (message) => {
  if (message === "cpu") process.send?.({ cpuMicroseconds: process.cpuUsage().user + process.cpuUsage().system });
  if (message === "stop") {
    server.closeAllConnections();
    server.close(() => void variant.close().then(() => process.exit(0)));
  }
});

process.once("disconnect", () => process.exit()); // the parent is gone
