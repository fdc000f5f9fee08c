import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "@jest/globals";
import { Connection } from "rabbitmq-client";
import { type Clock, systemClock } from "../../../src/clock.ts";
import { type RabbitmqQueueOptions, rabbitmqQueue } from "../../../src/queue/drivers/rabbitmq.ts";
import type { LeasedJob, Queue, Settlement } from "../../../src/queue/queue.ts";
import { describeWith, isServiceThere, serviceUrl } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { newJob } from "../conformance.ts";
import { openProxy } from "./rabbitmq-proxy.ts";

const url = serviceUrl("rabbitmq");
const leaseMs = 60_000;

const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });

describeWith("RabbitMQ", await isServiceThere("rabbitmq"), "what the RabbitMQ queue holds", () => {
  let name: string;
  let connection: Connection;
  const opened: Queue[] = [];

  beforeAll(() => {
    connection = new Connection(url);
  });
  afterAll(() => connection.close());
  beforeEach(() => {
    name = `hookwright-test-${randomUUID()}`;
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
    for (const queue of [name, `${name}.returned`]) await connection.queueDelete(queue);
  });

  const open = (options: Partial<RabbitmqQueueOptions> = {}) => {
    const queue = rabbitmqQueue({ connection: url, name, ...options });
    opened.push(queue);
    return queue;
  };
  const send = (queue: Queue, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => queue.send(newJob(`job-${index}`))));
  const claimAll = async (queue: Queue, count: number) => {
    const jobs: LeasedJob[] = [];
    await until(async () => {
      jobs.push(...(await queue.claim({ limit: count - jobs.length, leaseMs })).jobs);
      return jobs.length === count;
    });
    return jobs;
  };
  const status = () => connection.queueDeclare({ queue: name, passive: true });

  it("is no more than it may be, also when it has grown step by step", async () => {
    const queue = open({ prefetch: 3 });
    await send(queue, 10);
    const held = [...(await claimAll(queue, 1)), ...(await claimAll(queue, 1)), ...(await claimAll(queue, 1))];
    expect((await queue.claim({ limit: 5, leaseMs })).jobs).toEqual([]);
    expect((await status()).messageCount).toBe(7);
    await queue.claim({ limit: 0, leaseMs, settle: held.map(acknowledge) });
    expect(await claimAll(queue, 3)).toHaveLength(3);
  });

  it("leaves to others what it does not ask for while its jobs take long", async () => {
    const queue = open();
    await send(queue, 50);
    const held = await claimAll(queue, 20);
    await until(async () => (await status()).messageCount === 30); // those that came in reserve have been given back
    for (const job of held.slice(0, 3)) {
      expect((await queue.claim({ limit: 1, leaseMs, settle: [acknowledge(job)] })).jobs).toHaveLength(1);
      expect((await status()).messageCount).toBeGreaterThan(20);
    }
  });

  it("is counted as crashed once at most where no worker has had it, and each time where one has", async () => {
    await send(open(), 32);
    const claimed = new Map<string, number>();
    for (let round = 0; round < 3; round++) {
      const way = await openProxy(url);
      const queue = open({ connection: way.url });
      for (const { id } of await claimAll(queue, 17)) claimed.set(id, (claimed.get(id) ?? 0) + 1);
      await way.close();
      await queue.close();
    }
    const jobs = await claimAll(open(), 32);
    expect(jobs.filter(({ id, crashes }) => crashes > (claimed.get(id) ?? 0) + 1)).toEqual([]);
    expect(jobs.filter(({ id, crashes }) => crashes < (claimed.get(id) ?? 0))).toEqual([]);
    expect(jobs.every(({ attempt, crashes }) => attempt === crashes + 1)).toBe(true);
  });

  it("is refused where the queue has other settings, and the error says so", async () => {
    await connection.queueDeclare({ queue: name, durable: true });
    const queue = open();
    const message = expect.stringContaining(`"${name}"`);
    await expect(queue.send(newJob("a"))).rejects.toMatchObject({ code: "invalid_options", message });
    await expect(queue.claim({ limit: 1, leaseMs })).rejects.toMatchObject({ code: "invalid_options", message });
  });

  it("is given back by a close while jobs come, and no timer is left", async () => {
    let sleeping = 0;
    const sleep: Clock["sleep"] = async (ms, signal) => {
      sleeping++;
      try {
        await systemClock.sleep(ms, signal);
      } finally {
        sleeping--;
      }
    };
    const sender = open();
    for (let round = 0; round < 10; round++) {
      const queue = open({ clock: { ...systemClock, sleep } });
      await queue.claim({ limit: 30, leaseMs });
      const sending = send(sender, 20);
      await queue.close();
      await until(() => sleeping === 0, 500);
      await sending;
      const reader = open();
      const jobs = await claimAll(reader, 20);
      expect(jobs.filter(({ crashes }) => crashes > 1)).toEqual([]); // the broker counts what was on its way
      await reader.claim({ limit: 0, leaseMs, settle: jobs.map(acknowledge) });
      await reader.close();
    }
  });
});
