import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { natsQueue } from "../../../src/queue/drivers/nats.ts";
import type { LeasedJob, Queue, Settlement } from "../../../src/queue/queue.ts";
import { describeWith, isServiceThere, serviceUrl } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { describeQueue, newJob } from "../conformance.ts";

const isThere = await isServiceThere("nats");
const leaseMs = 60_000;
let name = "";

const open = () => natsQueue({ connection: serviceUrl("nats"), name });
const connectToServer = () => connect({ servers: new URL(serviceUrl("nats")).host });

async function removeStreams(manager: JetStreamManager): Promise<void> {
  for (const stream of [name, `${name}-state`, `${name}-dead`]) await manager.streams.delete(stream).catch(() => false);
}

describeWith("NATS with JetStream", isThere, "NATS", () => {
  describeQueue("the NATS queue", {
    open: async () => {
      name = `test-${randomUUID()}`;
      return open();
    },
    cleanUp: async () => {
      const connection = await connectToServer();
      await removeStreams(await jetstreamManager(connection));
      await connection.close();
    },
    capabilities: {
      largestJobBytes: 1_044_480,
      strictOrder: false,
      ordering: false,
      exceptions: false,
      lists: false,
    },
    realLeaseMs: 1_000,
  });

  describe("the NATS queue of several processes", () => {
    let queue: Queue;
    let other: Queue;
    let connection: NatsConnection;
    let manager: JetStreamManager;

    beforeEach(async () => {
      name = `test-${randomUUID()}`;
      queue = open();
      other = open();
      connection = await connectToServer();
      manager = await jetstreamManager(connection);
    });
    afterEach(async () => {
      await Promise.all([queue.close(), other.close()]);
      await removeStreams(manager);
      await connection.close();
    });

    const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });
    const settle = (by: Queue, ...settlements: Settlement[]) => by.claim({ limit: 0, leaseMs, settle: settlements });
    const claimOne = async (by: Queue, lease = leaseMs) => {
      const jobs: LeasedJob[] = [];
      await until(async () => jobs.push(...(await by.claim({ limit: 1, leaseMs: lease })).jobs) > 0);
      return jobs[0]!;
    };
    const messagesOf = async (stream: string) => (await manager.streams.info(stream)).state.messages;
    const ackWaitMs = async () => ((await manager.consumers.info(name, "workers")).config.ack_wait ?? 0) / 1_000_000;

    it("makes its streams once when several start at once", async () => {
      await Promise.all(
        Array.from({ length: 10 }, () => open()).map((each, index) => each.send(newJob(`${index}`)).then(() => each.close())),
      );
      expect(await messagesOf(name)).toBe(10);
    });

    it("hands a job of a worker that died to another, and refuses the late end of the first", async () => {
      await queue.send(newJob("a"));
      const late = await claimOne(queue, 500);
      const current = await claimOne(other, 500);
      expect(current).toMatchObject({ id: "a", attempt: 2, crashes: 1 });
      expect((await settle(queue, acknowledge(late))).lost).toHaveLength(1);
      expect((await settle(other, acknowledge(current))).lost).toEqual([]);
      expect(await messagesOf(name)).toBe(0);
    });

    it("waits for the longest lease that any of them asked for", async () => {
      await queue.claim({ limit: 1, leaseMs: 2_000 });
      await other.claim({ limit: 1, leaseMs: 30_000 });
      expect(await ackWaitMs()).toBe(30_000);
      const third = open();
      await third.claim({ limit: 1, leaseMs: 1_000 });
      await third.close();
      expect(await ackWaitMs()).toBe(30_000);
    });

    it("calls back in another process than the sender's", async () => {
      let calls = 0;
      other.watch(() => calls++);
      await other.claim({ limit: 1, leaseMs });
      await queue.send(newJob("a"));
      await until(() => calls > 0);
    });

    it("finds the one job that is due among two thousand that are not", async () => {
      const dueAt = new Date(Date.now() + 600_000);
      await Promise.all(Array.from({ length: 2_000 }, (_, index) => queue.send(newJob(`later-${index}`, { dueAt }))));
      await queue.send(newJob("now"));
      expect(await claimOne(other)).toMatchObject({ id: "now", attempt: 1, crashes: 0 });
      expect((await queue.claim({ limit: 10, leaseMs })).jobs).toEqual([]);
      expect((await queue.list({ state: "open", limit: 0 })).total).toBe(2_001);
    });

    it("counts a job that waited for its time as new, and one that came back as it was", async () => {
      await queue.send(newJob("a", { dueAt: new Date(Date.now() + 300) }));
      expect((await queue.claim({ limit: 1, leaseMs })).jobs).toEqual([]);
      const first = await claimOne(other);
      expect(first).toMatchObject({ attempt: 1, crashes: 0 });
      await settle(other, { ...first, outcome: "retry", dueAt: new Date(Date.now() + 300), reason: "x" });
      expect(await claimOne(queue)).toMatchObject({ attempt: 2, crashes: 0 });
    });

    it("keeps nothing of a job that is done", async () => {
      await queue.send(newJob("a"));
      for (let attempt = 1; attempt < 4; attempt++) {
        await settle(queue, { ...(await claimOne(queue)), outcome: "retry", dueAt: new Date(), reason: "x" });
      }
      expect(await messagesOf(`${name}-state`)).toBe(1);
      await settle(queue, acknowledge(await claimOne(queue)));
      expect(await Promise.all([messagesOf(name), messagesOf(`${name}-state`)])).toEqual([0, 0]);
    });

    it("keeps the reason of a dead letter as far as it fits, whatever the size of the job", async () => {
      const id = "i".repeat(3_600);
      await expect(queue.send(newJob(`${id}${"i".repeat(300)}`))).rejects.toMatchObject({ code: "unsupported" });
      await queue.send(newJob(id, { body: Buffer.alloc(1_044_480), head: "" }));
      await settle(queue, { ...(await claimOne(queue)), outcome: "dead", reason: "\u0000".repeat(2_000) });
      expect((await queue.list({ state: "dead" })).jobs).toMatchObject([{ id, reason: expect.stringContaining("\u0000") }]);
      expect(await queue.retry("all")).toBe(1);
      expect(await claimOne(queue)).toMatchObject({ id, attempt: 1 });
    });

    it("hands out a message that something else sent, under a handler that nobody has", async () => {
      await queue.claim({ limit: 1, leaseMs });
      connection.publish(`${name}.job.other`, "no job of ours");
      const job = await claimOne(queue);
      expect(job).toMatchObject({ id: expect.stringMatching(/^nats:/), handler: "not sent by Hookwright", head: "" });
      expect(Buffer.from(job.body).toString()).toBe("no job of ours");
    });

    it("refuses to use a stream that is not its own", async () => {
      await manager.streams.add({ name, subjects: [`${name}.>`] });
      await expect(queue.send(newJob("a"))).rejects.toMatchObject({ code: "invalid_options" });
    });

    it("refuses messages larger than the server takes", async () => {
      const large = natsQueue({ connection: serviceUrl("nats"), name, largestMessageBytes: 100_000_000 });
      await expect(large.send(newJob("a"))).rejects.toMatchObject({ code: "invalid_options" });
      await large.close();
    });

    it("takes a ready connection and leaves it open", async () => {
      const own = natsQueue({ connection, name });
      own.watch(() => {});
      await own.send(newJob("a"));
      await own.close();
      expect(connection.isClosed()).toBe(false);
      expect(await claimOne(queue)).toMatchObject({ id: "a" });
    });

    it("leaves no connection open", async () => {
      const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
      const before = sockets();
      queue.watch(() => {});
      await queue.send(newJob("a"));
      expect(sockets()).toBe(before + 1);
      await queue.close();
      await until(() => sockets() === before);
    });
  });
});
