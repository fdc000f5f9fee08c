// npm run example:scaled: two web processes and two workers on one PostgreSQL database.
import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { github } from "hookwright/receivers/github";
import { signRequest } from "hookwright/testing";

const database = process.env["HOOKWRIGHT_POSTGRES_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";
const secret = "It's a Secret to Everybody";
const deliveries = 40;
const run = randomUUID().slice(0, 8);

const deployed = new Map<string, string>();
const children: ChildProcess[] = [];

/** Compiled or not, as this file is. */
const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

function start(script: "web" | "worker", name: string): ChildProcess {
  const child = fork(new URL(`./${script}.${extension}`, import.meta.url), [database, secret], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  children.push(child);
  if (!child.stdout) throw new Error("Its output is piped.");
  createInterface({ input: child.stdout }).on("line", (line) => {
    console.log(`  ${name}: ${line}`);
    const [, delivery] = /\(delivery (\S+),/.exec(line) ?? [];
    if (delivery) deployed.set(delivery, name);
  });
  return child;
}

/** Delivers as GitHub does; true if the answer is 2xx. */
async function deliver(port: number, deliveryId: string): Promise<boolean> {
  const { headers, body } = signRequest(github, { secret, event: "push", deliveryId, body: { ref: `refs/heads/${deliveryId}` } });
  const url = `http://127.0.0.1:${port}/api/webhooks/incoming/github`;
  const response = await fetch(url, { method: "POST", headers, body: new Uint8Array(body) });
  return response.ok;
}

async function firstMessage(child: ChildProcess): Promise<unknown> {
  const ended = once(child, "exit").then(() => {
    throw new Error("A process ended at its start; its message is above. Is PostgreSQL reachable? Set HOOKWRIGHT_POSTGRES_URL.");
  });
  ended.catch(() => {}); // they all end in time
  const [message] = (await Promise.race([once(child, "message"), ended])) as [unknown];
  return message;
}

try {
  console.log("starting two web processes and two workers");
  const webs = [start("web", "web 1"), start("web", "web 2")];
  const workers = [start("worker", "worker 1"), start("worker", "worker 2")];
  const ports = (await Promise.all(webs.map(firstMessage))).map((message) => (message as { readonly port: number }).port);
  await Promise.all(workers.map(firstMessage));

  console.log(`delivering ${deliveries} pushes, each to both web processes; worker 1 is killed in the middle`);
  for (let index = 0; index < deliveries; index++) {
    const id = `${run}-${index}`;
    const answers = await Promise.all(ports.map((port) => deliver(port, id)));
    if (!answers.every(Boolean)) throw new Error(`${id} was not accepted.`);
    if (index === deliveries / 2) workers[0]?.kill("SIGKILL");
  }
  const giveUpAt = Date.now() + 60_000;
  while (deployed.size < deliveries && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 50));
  if (deployed.size < deliveries) throw new Error(`Only ${deployed.size} of ${deliveries} pushes were deployed.`);

  const by = (name: string): number => [...deployed.values()].filter((worker) => worker === name).length;
  console.log(
    `\n${2 * deliveries} requests, ${deployed.size} pushes deployed: ${by("worker 1")} by worker 1, ${by("worker 2")} by worker 2.`,
  );
  console.log("What worker 1 held when it was killed, worker 2 has done after the lease had run out.");
} finally {
  for (const child of children) child.kill("SIGTERM");
}
