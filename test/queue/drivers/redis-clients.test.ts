import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { Redis, type RedisOptions } from "ioredis";
import { redisQueue } from "../../../src/queue/drivers/redis.ts";
import type { Queue } from "../../../src/queue/queue.ts";
import { temporaryDirectory } from "../../sqlite/temporary-directory.ts";
import { type PrivateEngine, startEngine } from "../../support/engines.ts";
import { describeWith, isServiceThere, serviceUrl } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { newJob } from "../conformance.ts";

const isThere = await isServiceThere("redis");
const url = serviceUrl("redis");
const leaseMs = 60_000;

describeWith("Redis", isThere, "the Redis queue over a client with settings of its own", () => {
  let client: Redis;
  let queue: Queue;
  let name: string;

  const open = (options: RedisOptions) => {
    const usual = new Redis(url, { lazyConnect: true });
    client = usual.duplicate({ ...options, lazyConnect: false });
    client.on("error", () => {});
    queue = redisQueue({ connection: client, name });
  };
  beforeEach(() => {
    name = `test-${randomUUID()}`;
  });
  afterEach(async () => {
    await queue.close();
    client.disconnect();
    const cleaner = new Redis(url);
    const keys = await cleaner.keys(`bull:${name}:*`);
    if (keys.length > 0) await cleaner.del(keys);
    await cleaner.quit();
  });

  it("keeps its leases where numbers are read as text", async () => {
    open({ stringNumbers: true });
    await queue.send(newJob("a"));
    const { jobs } = await queue.claim({ limit: 1, leaseMs });
    expect(await queue.renew(jobs, leaseMs)).toEqual([]);
    const [{ id, lease }] = jobs as [(typeof jobs)[number]];
    const settle = [{ id, lease, outcome: "acknowledge" }] as const;
    expect((await queue.claim({ limit: 0, leaseMs, settle })).lost).toEqual([]);
    expect((await queue.claim({ limit: 0, leaseMs, settle })).lost).toEqual([{ id, lease }]);
  });

  it("learns of jobs where commands have a time limit that is shorter than its wait for them", async () => {
    open({ commandTimeout: 400 });
    let calls = 0;
    queue.watch(() => calls++);
    await queue.claim({ limit: 10, leaseMs });
    const hasWaited = async () => {
      const list = String(await client.client("LIST")).split("\n");
      return list.some((line) => line.includes(`name=hookwright:${name} `) && / cmd=bzpopmin/.test(line) && / idle=[1-9]/.test(line));
    };
    await until(hasWaited);
    const other = redisQueue({ connection: url, name });
    await other.send(newJob("a"));
    await until(() => calls > 0);
    await other.close();
  });
});

describeWith("Redis", isThere, "the Redis queue and a master that moves", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let engine: PrivateEngine;
  let sentinel: ChildProcess | undefined;
  const queues: Queue[] = [];

  beforeEach(async () => {
    directory = await temporaryDirectory();
    engine = await startEngine("redis");
  });
  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
    if (sentinel) {
      sentinel.kill("SIGKILL");
      await once(sentinel, "exit");
      sentinel = undefined;
    }
    await engine.remove();
    await directory.remove();
  });

  it("leaves a server that has become a replica", async () => {
    const operator = new Redis(engine.connection);
    const queue = redisQueue({ connection: engine.connection });
    queues.push(queue);
    const connectionId = async () => /\bid=(\d+) .*name=hookwright:hookwright /.exec(String(await operator.client("LIST")))?.[1];
    await queue.send(newJob("a"));
    const before = await connectionId();
    await operator.replicaof("127.0.0.1", 1);
    await expect(queue.send(newJob("b"))).rejects.toMatchObject({ code: "queue_unavailable" });
    await until(async () => ![undefined, before].includes(await connectionId()));
    await operator.replicaof("NO", "ONE");
    await queue.send(newJob("b"));
    await operator.quit();
  });

  it("looks again at the server's policy when it comes back to it", async () => {
    const operator = new Redis(engine.connection);
    const queue = redisQueue({ connection: engine.connection });
    queues.push(queue);
    await queue.send(newJob("a"));
    await operator.config("SET", "maxmemory-policy", "allkeys-lru");
    await operator.call("CLIENT", "KILL", "TYPE", "normal");
    await operator.quit();
    const refusal = async () => {
      const error = await queue.send(newJob("b")).catch((thrown: unknown) => thrown);
      return (error as { readonly code?: unknown } | undefined)?.code === "invalid_options";
    };
    await until(refusal);
  });

  it("goes on looking for sentinels, whatever the client would do", async () => {
    const port = await freePort();
    const sentinels = [{ host: "127.0.0.1", port }];
    const options = { sentinels, name: "jobs", sentinelRetryStrategy: () => null, lazyConnect: true };
    const queue = redisQueue({ connection: new Redis(options) });
    queues.push(queue);
    await expect(queue.send(newJob("a"))).rejects.toMatchObject({ code: "queue_unavailable" });
    const file = join(directory.path, "sentinel.conf");
    const master = new URL(engine.connection).port;
    await writeFile(file, `bind 127.0.0.1\nport ${port}\ndir ${directory.path}\nsentinel monitor jobs 127.0.0.1 ${master} 1\n`);
    sentinel = spawn("redis-server", [file, "--sentinel"], { stdio: "ignore" });
    const isSent = () =>
      queue.send(newJob("b")).then(
        () => true,
        () => false,
      );
    await until(isSent, 30_000);
  }, 45_000);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
