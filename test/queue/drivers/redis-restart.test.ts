import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { Redis } from "ioredis";
import { redisQueue } from "../../../src/queue/drivers/redis.ts";
import type { Queue } from "../../../src/queue/queue.ts";
import { temporaryDirectory } from "../../sqlite/temporary-directory.ts";
import { describeWith } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { newJob } from "../conformance.ts";

describeWith("redis-server", isInstalled(), "the Redis queue and a server of its own", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let port: number;
  let server: ChildProcess;
  const queues: Queue[] = [];

  beforeEach(async () => {
    directory = await temporaryDirectory();
    port = await freePort();
  });
  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
    await stop();
    await directory.remove();
  });

  async function start(...settings: readonly string[]): Promise<void> {
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory.path, "--appendonly", "yes"];
    server = spawn("redis-server", [...args, "--appendfsync", "always", ...settings], { stdio: "ignore" });
    await until(() => isListening(port));
  }

  async function stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, "exit");
  }

  function open(credentials = ""): Queue {
    const queue = redisQueue({ connection: `redis://${credentials}127.0.0.1:${port}` });
    queues.push(queue);
    return queue;
  }

  it("has every job that was stored after the server was killed, and works again without being told", async () => {
    await start();
    const queue = open();
    const stored: string[] = [];
    const send = async (id: string) => queue.send(newJob(id)).then(() => stored.push(id));
    const sending = Promise.allSettled(Array.from({ length: 2_000 }, (_, index) => send(`job-${index}`)));
    await until(() => stored.length > 0);
    await stop();
    const failed = (await sending).filter((result) => result.status === "rejected");
    for (const { reason } of failed) expect(reason).toMatchObject({ code: "queue_unavailable", status: 503 });
    await start();
    await queue.send(newJob("afterwards"));
    const { jobs } = await queue.claim({ limit: 3_000, leaseMs: 60_000 });
    const claimed = new Set(jobs.map(({ id }) => id));
    expect(claimed.size).toBe(jobs.length);
    expect([...stored, "afterwards"].filter((id) => !claimed.has(id))).toEqual([]);
  });

  it("keeps holds, delays and dead letters over a restart", async () => {
    await start();
    const queue = open();
    for (const id of ["held", "dead"]) await queue.send(newJob(id));
    await queue.send(newJob("delayed", { dueAt: new Date(Date.now() + 60_000) }));
    const { jobs } = await queue.claim({ limit: 2, leaseMs: 60_000 });
    const [held, dying] = jobs;
    await queue.claim({ limit: 0, leaseMs: 60_000, settle: [{ ...dying!, outcome: "dead", reason: "bad" }] });
    await stop();
    await start();
    expect(await queue.renew([held!], 60_000)).toEqual([]);
    expect((await queue.claim({ limit: 9, leaseMs: 60_000 })).jobs).toEqual([]);
    expect((await queue.list({ state: "dead" })).jobs).toMatchObject([{ id: "dead", reason: "bad" }]);
    expect((await queue.list({ state: "open" })).jobs.map(({ id }) => id)).toEqual(["held", "delayed"]);
  });

  it("says that the queue is unavailable where no server is, and where one does not answer", async () => {
    const queue = open();
    await expect(queue.send(newJob("a"))).rejects.toMatchObject({ code: "queue_unavailable" });
    await start();
    await queue.send(newJob("b"));
    server.kill("SIGSTOP");
    await expect(queue.send(newJob("c"))).rejects.toMatchObject({ code: "queue_unavailable" });
    server.kill("SIGCONT");
    await queue.send(newJob("d"));
    expect((await queue.list({ state: "open" })).jobs.map(({ id }) => id)).toEqual(expect.arrayContaining(["b", "d"]));
  }, 40_000);

  it("leaves no timer when it is closed while it waits for a server", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    await start();
    const queue = open();
    await queue.send(newJob("a"));
    await stop();
    const before = timers();
    queue.watch(() => {});
    await until(() => timers() > before);
    await queue.close();
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it("shows neither password nor payload in an error", async () => {
    await start("--requirepass", "right");
    const refused = await open("user:hunter2@")
      .send(newJob("a"))
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "queue_unavailable" });
    expect(inspect(refused, { depth: 9 })).not.toContain("hunter2");
    const queue = open(":right@");
    await queue.send(newJob("b"));
    const client = new Redis({ port, password: "right" });
    await client.config("SET", "maxmemory", "1", "maxmemory-policy", "noeviction");
    const full = await queue.send(newJob("c", { head: "private" })).catch((error: unknown) => error);
    expect(full).toMatchObject({ code: "queue_unavailable" });
    expect(inspect(full, { depth: 9 })).not.toContain("private");
    expect(inspect(full, { depth: 9 })).toContain("OOM");
    await client.quit();
  });

  it("refuses a server that may evict jobs", async () => {
    await start("--maxmemory-policy", "allkeys-lru");
    await expect(open().send(newJob("a"))).rejects.toMatchObject({ code: "invalid_options" });
    await stop();
    await start("--maxmemory-policy", "volatile-lru"); // only what has an end may go: locks
    await open().send(newJob("a"));
  });
});

function isInstalled(): boolean {
  try {
    execFileSync("redis-server", ["--version"]);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
