import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { Connection } from "rabbitmq-client";
import { type RabbitmqConnection, rabbitmqQueue } from "../../../src/queue/drivers/rabbitmq.ts";
import type { LeasedJob, Queue, Settlement } from "../../../src/queue/queue.ts";
import { describeWith, isServiceThere, serviceUrl } from "../../support/services.ts";
import { describeQueue, newJob } from "../conformance.ts";
import { type CuttableProxy, openProxy } from "./rabbitmq-proxy.ts";

const url = serviceUrl("rabbitmq");
const capabilities = {
  largestJobBytes: 16 * 1024 * 1024 - 64 * 1024,
  uniqueIds: false,
  strictOrder: false,
  ordering: false,
  exceptions: false,
  deadLetters: false,
  lists: false,
  counts: "none",
} as const;
const leaseMs = 60_000;

const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });

describe("the options of the RabbitMQ queue", () => {
  it.each([
    { connection: "not a url, but a secret" },
    { connection: "https://user:secret@example.com" },
    { connection: "amqp://user:100%secret@example.com" },
    { connection: url, name: "" },
    { connection: url, name: "n".repeat(201) },
    { connection: url, prefetch: 0 },
    { connection: url, prefetch: 65_536 },
  ])("are refused without a word about the password: %#", (options) => {
    expect(() => rabbitmqQueue(options)).toThrow(expect.objectContaining({ code: "invalid_options" }));
    expect(() => rabbitmqQueue(options)).not.toThrow(/secret/);
  });
});

it("says which package to install", async () => {
  jest.unstable_mockModule("rabbitmq-client", () => {
    throw Object.assign(new Error("Cannot find package 'rabbitmq-client' imported from a test"), { code: "ERR_MODULE_NOT_FOUND" });
  });
  const queue = rabbitmqQueue({ connection: url });
  await expect(queue.send(newJob("a"))).rejects.toMatchObject({
    code: "package_missing",
    message: expect.stringContaining("rabbitmq-client"),
  });
  await queue.close();
  jest.unstable_unmockModule("rabbitmq-client");
});

describeWith("RabbitMQ", await isServiceThere("rabbitmq"), "with RabbitMQ", () => {
  let name: string;
  let connection: Connection;
  const opened: Queue[] = [];
  let proxy: CuttableProxy | undefined;

  beforeAll(() => {
    connection = new Connection(url);
  });
  afterAll(() => connection.close());
  beforeEach(() => {
    name = `hookwright-test-${randomUUID()}`;
  });

  const open = (given: string | RabbitmqConnection = url) => {
    const queue = rabbitmqQueue({ connection: given, name });
    opened.push(queue);
    return queue;
  };
  const deleteQueues = async () => {
    const waiting = Array.from({ length: 21 }, (_, rung) => `${name}.wait.${50 * 2 ** rung}`);
    for (const queue of [...waiting, name, `${name}.unreadable`, `${name}.returned`]) await connection.queueDelete(queue);
  };

  describeQueue("the RabbitMQ queue", {
    open: async () => rabbitmqQueue({ connection: url, name }),
    cleanUp: deleteQueues,
    capabilities,
    realLeaseMs: 800,
  });

  describe("the RabbitMQ queue beyond the contract", () => {
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((queue) => queue.close()));
      await proxy?.close();
      proxy = undefined;
      await deleteQueues();
    });

    /** Claims until so many have come. */
    const claimAll = async (queue: Queue, count: number, batch = 100) => {
      const jobs: LeasedJob[] = [];
      for (const giveUpAt = performance.now() + 20_000; jobs.length < count; ) {
        if (performance.now() > giveUpAt) throw new Error(`${jobs.length} of ${count} jobs came`);
        jobs.push(...(await queue.claim({ limit: Math.min(batch, count - jobs.length), leaseMs })).jobs);
      }
      return jobs;
    };
    const until = async (isSo: () => Promise<boolean>) => {
      for (const giveUpAt = performance.now() + 20_000; !(await isSo()); await delay(20)) {
        if (performance.now() > giveUpAt) throw new Error("it did not happen");
      }
    };
    const status = () => connection.queueDeclare({ queue: name, passive: true });

    it("hands out delayed jobs in the order of their due times, and none too early", async () => {
      const queue = open();
      const now = Date.now();
      const waits = [2_900, 60, 700, 1_500, 300, 20, 2_000];
      await Promise.all(waits.map((ms) => queue.send(newJob(String(ms), { dueAt: new Date(now + ms) }))));
      const seen: string[] = [];
      while (seen.length < waits.length) {
        const [job] = await claimAll(queue, 1);
        expect(Date.now() - now).toBeGreaterThanOrEqual(Number(job!.id));
        seen.push(job!.id);
        await queue.claim({ limit: 0, leaseMs, settle: [acknowledge(job!)] });
      }
      expect(seen).toEqual(waits.sort((a, b) => a - b).map(String));
    });

    it("hands out a job that became due before anybody asked for one", async () => {
      const queue = open();
      await queue.send(newJob("a", { dueAt: new Date(Date.now() + 150) }));
      await until(async () => (await status()).messageCount === 1);
      expect(await claimAll(queue, 1)).toMatchObject([{ id: "a", attempt: 1, crashes: 0 }]);
    });

    it("consumes nothing before the first claim, and nothing after close", async () => {
      const queue = open();
      await Promise.all(["a", "b"].map((id) => queue.send(newJob(id))));
      const stop = queue.watch(() => undefined);
      expect(await status()).toMatchObject({ consumerCount: 0, messageCount: 2 });
      await claimAll(queue, 1);
      expect(await status()).toMatchObject({ consumerCount: 1 });
      stop();
      await queue.close();
      await until(async () => {
        const { consumerCount, messageCount } = await status();
        return consumerCount === 0 && messageCount === 2;
      });
    });

    it("lets others have what nobody here claims, and does not count that as a crash", async () => {
      const [idle, busy] = [open(), open()];
      await idle.claim({ limit: 30, leaseMs });
      await Promise.all(Array.from({ length: 25 }, (_, index) => idle.send(newJob(`job-${index}`))));
      const jobs = await claimAll(busy, 25);
      expect(new Set(jobs.map(({ id }) => id)).size).toBe(25);
      expect(jobs.every(({ attempt, crashes }) => attempt === 1 && crashes === 0)).toBe(true);
    });

    it("holds no more jobs than it may", async () => {
      const queue = rabbitmqQueue({ connection: url, name, prefetch: 2 });
      opened.push(queue);
      await Promise.all(Array.from({ length: 5 }, (_, index) => queue.send(newJob(`job-${index}`))));
      const held = await claimAll(queue, 2);
      expect((await queue.claim({ limit: 5, leaseMs })).jobs).toEqual([]);
      expect((await queue.claim({ limit: 0, leaseMs, settle: held.map(acknowledge) })).lost).toEqual([]);
      expect(await claimAll(queue, 2)).toHaveLength(2);
    });

    it("gives everything back at once when it is closed, and counts only what a worker held", async () => {
      const [first, second] = [open(), open()];
      await first.claim({ limit: 30, leaseMs });
      await Promise.all(["a", "b", "c"].map((id) => first.send(newJob(id))));
      const [held] = await claimAll(first, 1);
      await first.close();
      const counts = (await claimAll(second, 3)).map(({ id, attempt, crashes }) => [id === held!.id, attempt, crashes]);
      expect(counts.sort()).toEqual([
        [false, 1, 0],
        [false, 1, 0],
        [true, 2, 1],
      ]);
    });

    it("keeps a job that ends its worker more often than a broker redelivers by default", async () => {
      await open().send(newJob("a"));
      for (let time = 1; time <= 25; time++) {
        const queue = open(connection);
        expect((await claimAll(queue, 1))[0]).toMatchObject({ id: "a", attempt: time, crashes: time - 1 });
        await queue.close();
      }
    });

    it("leaves a given connection open, and its own channels closed", async () => {
      const queue = open(connection);
      await queue.send(newJob("a"));
      await claimAll(queue, 1);
      await queue.close();
      expect(connection.ready).toBe(true);
      await until(async () => (await status()).messageCount === 1);
    });

    it("rejects a job that cannot be routed, and declares its queue again", async () => {
      const queue = open();
      await queue.send(newJob("a"));
      await connection.queueDelete(name);
      await expect(queue.send(newJob("b"))).rejects.toMatchObject({ code: "queue_unavailable" });
      await queue.send(newJob("c"));
      expect(await claimAll(queue, 1)).toMatchObject([{ id: "c" }]);
    });

    it("goes on when its queue is deleted while it consumes", async () => {
      const queue = open();
      await queue.send(newJob("a"));
      const [job] = await claimAll(queue, 1);
      await connection.queueDelete(name);
      await until(async () => (await queue.renew([job!], leaseMs)).length === 1);
      await until(() =>
        queue.send(newJob("b")).then(
          () => true,
          () => false,
        ),
      );
      expect(await claimAll(queue, 1)).toMatchObject([{ id: "b", attempt: 1 }]);
    });

    it("sets a message aside that is none of its own, and goes on with its jobs", async () => {
      const queue = open();
      await queue.send(newJob("a"));
      const publisher = connection.createPublisher({ confirm: true });
      for (const body of ["text", { some: "json" }, Buffer.from("bytes"), Buffer.alloc(40, 1)]) await publisher.send(name, body);
      await publisher.close();
      await queue.send(newJob("b"));
      expect((await claimAll(queue, 2, 1)).map(({ id }) => id)).toEqual(["a", "b"]);
      await until(async () => (await connection.queueDeclare({ queue: `${name}.unreadable`, passive: true })).messageCount === 4);
    });

    it("keeps the body of a retried job as it was sent, whatever its handler does to it", async () => {
      const queue = open();
      await queue.send(newJob("a", { body: Buffer.from("as it was") }));
      const [job] = await claimAll(queue, 1);
      job!.body.fill(0);
      const settle: Settlement[] = [{ id: "a", lease: job!.lease, outcome: "retry", dueAt: new Date(), reason: "it threw" }];
      await queue.claim({ limit: 0, leaseMs, settle });
      expect(Buffer.from((await claimAll(queue, 1))[0]!.body).toString()).toBe("as it was");
    });

    it("refuses a job that is larger than what a broker takes by default", async () => {
      const queue = open();
      const body = Buffer.alloc(capabilities.largestJobBytes - 1);
      await expect(queue.send(newJob("a", { head: "{}", body }))).rejects.toMatchObject({ code: "unsupported" });
    });

    it("comes back by itself when its connections are cut, loses no confirmed job, and refuses late settlements", async () => {
      proxy = await openProxy(url);
      const queue = open(proxy.url);
      await queue.send(newJob("held"));
      const [held] = await claimAll(queue, 1);
      const sending = Array.from({ length: 300 }, (_, index) => `job-${index}`).map(async (id, index) => {
        await delay(index % 10);
        await queue.send(newJob(id));
        return id;
      });
      await sending[0];
      proxy.cut();
      const sent = (await Promise.allSettled(sending)).flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      await until(async () => (await queue.renew([held!], leaseMs)).length === 1);
      const { lost } = await queue.claim({ limit: 0, leaseMs, settle: [acknowledge(held!)] });
      expect(lost).toEqual([{ id: "held", lease: held!.lease }]);
      await until(() =>
        queue.send(newJob("after")).then(
          () => true,
          () => false,
        ),
      );
      const seen = new Map<string, LeasedJob>();
      await until(async () => {
        for (const job of (await queue.claim({ limit: 100, leaseMs })).jobs) seen.set(job.id, job);
        return ["held", "after", ...sent].every((id) => seen.has(id));
      });
      expect(seen.get("held")).toMatchObject({ attempt: 2, crashes: 1 });
    });

    it("settles nothing while the broker cannot be reached, and keeps what can still be settled", async () => {
      proxy = await openProxy(url);
      const queue = open(proxy.url);
      await queue.send(newJob("a"));
      const [job] = await claimAll(queue, 1);
      await proxy.close();
      await expect(queue.send(newJob("b"))).rejects.toMatchObject({ code: "queue_unavailable" });
      await expect(queue.claim({ limit: 1, leaseMs, settle: [acknowledge(job!)] })).rejects.toMatchObject({ code: "queue_unavailable" });
      expect(await claimAll(open(), 1)).toMatchObject([{ id: "a", attempt: 2 }]);
    });

    it("says why it cannot connect, without the password", async () => {
      const wrong = new URL(url);
      wrong.password = "a-secret";
      const error = await open(wrong.href)
        .send(newJob("a"))
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "queue_unavailable", cause: { code: "ACCESS_REFUSED" } });
      expect(inspect(error, { depth: 10 })).not.toContain("a-secret");
    });
  });
});
