import { constants } from "node:os";
import { parseArgs } from "node:util";
import { inProcess } from "./in-process.ts";
import { queue, readEngines } from "./queue/queue.ts";
import { durable, receive } from "./receive.ts";
import { startup } from "./startup.ts";
import { verify } from "./verify.ts";

const usage = `Usage: npm run bench [-- [part …] [option …]]

Parts; without any, all of them:
  in-process   receiving without sockets
  receive      receiving over HTTP
  durable      the same, and stored before the answer leaves
  queue        every engine beside what a user would pick instead
  verify       proving a delivery
  startup      importing

Options:
  --quick            fewer and shorter rounds
  --engines <names>  of queue: of sqlite, postgres, redis, rabbitmq and nats, those named, with commas between
  --private          of queue: on a PostgreSQL and a Redis of its own, which confirm nothing before it is on the disk
  --slow-disk        of queue: the same, and each wait for the disk takes 2 ms longer; needs Linux and cc
  --help             this`;

// Temporary directories go when a process exits, which it does not when a signal ends it. The processes it started notice.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(128 + constants.signals[signal]));

const { parts, isHelp, isQuick, ...queueOptions } = readArguments();
const rounds = isQuick ? 3 : 10;
const milliseconds = isQuick ? 500 : 1_000;
const known: Readonly<Record<string, () => Promise<void>>> = {
  "in-process": () => inProcess(isQuick ? 20 : 100),
  receive: () => receive(rounds, milliseconds),
  durable: () => durable(rounds, milliseconds),
  queue: () => queue({ isQuick, ...queueOptions }),
  verify: () => verify(isQuick ? 5 : 30),
  startup: () => startup(isQuick ? 5 : 20),
};

const unknown = parts.filter((part) => !Object.hasOwn(known, part));
if (unknown.length > 0) complain(`Unknown part: ${unknown.join(", ")}.`);
else if (isHelp) console.log(usage);
else await run();

async function run(): Promise<void> {
  console.log(
    `Node.js ${process.version}, ${rounds} rounds of ${milliseconds} ms each, in turn. Absolute figures drift with the machine; read the ratios.`,
  );
  for (const part of parts.length > 0 ? parts : Object.keys(known)) await known[part]?.();
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        engines: { type: "string" },
        private: { type: "boolean", default: false },
        "slow-disk": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    return {
      parts: positionals,
      isHelp: values.help,
      isQuick: values.quick,
      engines: readEngines(values.engines),
      isPrivate: values.private,
      isDiskSlow: values["slow-disk"],
    };
  } catch (error) {
    return complain((error as Error).message);
  }
}

function complain(what: string): never {
  console.error(`${what}\n\n${usage}`);
  process.exit(2);
}
