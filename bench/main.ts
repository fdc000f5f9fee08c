// npm run bench [-- receive|durable|in-process|queue|verify|startup …] [--quick] [--engines postgres,redis] [--private | --slow-disk]
import { parseArgs } from "node:util";
import { inProcess } from "./in-process.ts";
import { queue } from "./queue/queue.ts";
import { durable, receive } from "./receive.ts";
import { startup } from "./startup.ts";
import { verify } from "./verify.ts";

const { values: options, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    engines: { type: "string" }, // of the part `queue`
    private: { type: "boolean", default: false }, // the part `queue` on servers of its own, which confirm nothing before it is on the disk
    "slow-disk": { type: "boolean", default: false }, // the same, and each wait for the disk takes 2 ms longer
  },
});
const isQuick = options.quick;
const rounds = isQuick ? 3 : 10;
const milliseconds = isQuick ? 500 : 1_000;
const parts: Readonly<Record<string, () => Promise<void>>> = {
  "in-process": () => inProcess(isQuick ? 20 : 100),
  receive: () => receive(rounds, milliseconds),
  durable: () => durable(rounds, milliseconds),
  queue: () => queue({ isQuick, engines: options.engines, isPrivate: options.private, isDiskSlow: options["slow-disk"] }),
  verify: () => verify(isQuick ? 5 : 30),
  startup: async () => startup(isQuick ? 5 : 20),
};

const unknown = asked.filter((part) => !(part in parts));
if (unknown.length > 0) {
  console.error(`Unknown part: ${unknown.join(", ")}. Known are ${Object.keys(parts).join(", ")}.`);
  process.exit(2);
}
console.log(
  `Node.js ${process.version}, ${rounds} rounds of ${milliseconds} ms each, in turn. Absolute figures drift with the machine; read the ratios.`,
);
for (const part of asked.length > 0 ? asked : Object.keys(parts)) await parts[part]?.();
