import { describe, expect, it } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import { natsQueue } from "../../../src/queue/drivers/nats.ts";
import { describeWith, isServiceThere, serviceUrl } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { describeQueue, newJob } from "../conformance.ts";
import { acknowledge } from "../conformance-suite.ts";
import { connectToServer, leaseMs, NatsFixture, newName, removeStreams } from "./nats-fixture.ts";

const isThere = await isServiceThere("nats");

describeWith("NATS with JetStream", isThere, "NATS", () => {
  let name = "";
  describeQueue("the NATS queue", {
    open: async () => {
      name = newName();
      return natsQueue({ connection: serviceUrl("nats"), name });
    },
    cleanUp: async () => {
      const connection = await connectToServer();
      await removeStreams(await jetstreamManager(connection), name);
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
    const nats = new NatsFixture();

    it("makes its streams once when several start at once", async () => {
      await Promise.all(
        Array.from({ length: 10 }, () => nats.open()).map((each, index) => each.send(newJob(`${index}`)).then(() => each.close())),
      );
      expect(await nats.messagesOf(nats.name)).toBe(10);
    });

    it("hands a job of a worker that died to another, and refuses the late end of the first", async () => {
      await nats.queue.send(newJob("a"));
      const late = await nats.claimOne(nats.queue, 500);
      const current = await nats.claimOne(nats.other, 500);
      expect(current).toMatchObject({ id: "a", attempt: 2, crashes: 1 });
      expect((await nats.settle(nats.queue, acknowledge(late))).lost).toHaveLength(1);
      expect((await nats.settle(nats.other, acknowledge(current))).lost).toEqual([]);
      expect(await nats.messagesOf(nats.name)).toBe(0);
    });

    it("waits for the longest lease that any of them asked for", async () => {
      await nats.queue.claim({ limit: 1, leaseMs: 2_000 });
      await nats.other.claim({ limit: 1, leaseMs: 30_000 });
      expect(await nats.ackWaitMs()).toBe(30_000);
      const third = nats.open();
      await third.claim({ limit: 1, leaseMs: 1_000 });
      await third.close();
      expect(await nats.ackWaitMs()).toBe(30_000);
    });

    it("calls back in another process than the sender's", async () => {
      let calls = 0;
      nats.other.watch(() => calls++);
      await nats.other.claim({ limit: 1, leaseMs });
      await nats.queue.send(newJob("a"));
      await until(() => calls > 0);
    });

    it("finds the one job that is due among two thousand that are not", async () => {
      const dueAt = new Date(Date.now() + 600_000);
      await Promise.all(Array.from({ length: 2_000 }, (_, index) => nats.queue.send(newJob(`later-${index}`, { dueAt }))));
      await nats.queue.send(newJob("now"));
      expect(await nats.claimOne(nats.other)).toMatchObject({ id: "now", attempt: 1, crashes: 0 });
      expect((await nats.queue.claim({ limit: 10, leaseMs })).jobs).toEqual([]);
      expect((await nats.queue.list({ state: "open", limit: 0 })).total).toBe(2_001);
    });

    it("counts a job that waited for its time as new, and one that came back as it was", async () => {
      await nats.queue.send(newJob("a", { dueAt: new Date(Date.now() + 300) }));
      expect((await nats.queue.claim({ limit: 1, leaseMs })).jobs).toEqual([]);
      const first = await nats.claimOne(nats.other);
      expect(first).toMatchObject({ attempt: 1, crashes: 0 });
      await nats.settle(nats.other, { ...first, outcome: "retry", dueAt: new Date(Date.now() + 300), reason: "x" });
      expect(await nats.claimOne(nats.queue)).toMatchObject({ attempt: 2, crashes: 0 });
    });

    it("keeps nothing of a job that is done", async () => {
      await nats.queue.send(newJob("a"));
      for (let attempt = 1; attempt < 4; attempt++) {
        await nats.settle(nats.queue, { ...(await nats.claimOne(nats.queue)), outcome: "retry", dueAt: new Date(), reason: "x" });
      }
      expect(await nats.messagesOf(`${nats.name}-state`)).toBe(1);
      await nats.settle(nats.queue, acknowledge(await nats.claimOne(nats.queue)));
      expect(await Promise.all([nats.messagesOf(nats.name), nats.messagesOf(`${nats.name}-state`)])).toEqual([0, 0]);
    });

    it("keeps the reason of a dead letter as far as it fits, whatever the size of the job", async () => {
      const id = "i".repeat(3_600);
      await expect(nats.queue.send(newJob(`${id}${"i".repeat(300)}`))).rejects.toMatchObject({ code: "unsupported" });
      await nats.queue.send(newJob(id, { body: Buffer.alloc(1_044_480), head: "" }));
      await nats.settle(nats.queue, { ...(await nats.claimOne(nats.queue)), outcome: "dead", reason: "\u0000".repeat(2_000) });
      expect((await nats.queue.list({ state: "dead" })).jobs).toMatchObject([{ id, reason: expect.stringContaining("\u0000") }]);
      expect(await nats.queue.retry("all")).toBe(1);
      expect(await nats.claimOne(nats.queue)).toMatchObject({ id, attempt: 1 });
    });

    it("hands out a message that something else sent, under a handler that nobody has", async () => {
      await nats.queue.claim({ limit: 1, leaseMs });
      nats.connection.publish(`${nats.name}.job.other`, "no job of ours");
      const job = await nats.claimOne(nats.queue);
      expect(job).toMatchObject({ id: expect.stringMatching(/^nats:/), handler: "not sent by Hookwright", head: "" });
      expect(Buffer.from(job.body).toString()).toBe("no job of ours");
    });

    it("takes a label that lacks something for something else's", async () => {
      await nats.queue.claim({ limit: 1, leaseMs });
      nats.connection.publish(`${nats.name}.job.other`, `${JSON.stringify({ id: "a", handler: "Work", headBytes: 0 })}\n`);
      expect(await nats.claimOne(nats.queue)).toMatchObject({ handler: "not sent by Hookwright", group: "" });
    });

    it("gives a job back once, also when the answer to that is lost", async () => {
      const own = await connectToServer();
      const request = own.request.bind(own);
      let isLost = true;
      own.request = async (...call) => {
        const answer = await request(...call);
        if (isLost && `${call[1]}`.startsWith("-NAK")) throw new Error("the answer is lost");
        return answer;
      };
      const deaf = natsQueue({ connection: own, name: nats.name });
      await deaf.send(newJob("a"));
      const retry = { ...(await nats.claimOne(deaf)), outcome: "retry", dueAt: new Date(), reason: "x" } as const;
      await expect(nats.settle(deaf, retry)).rejects.toMatchObject({ code: "queue_unavailable" });
      const current = await nats.claimOne(nats.other);
      expect(current).toMatchObject({ attempt: 2, crashes: 0 });
      isLost = false;
      expect((await nats.settle(deaf, retry)).lost).toEqual([]);
      expect((await nats.other.claim({ limit: 1, leaseMs })).jobs).toEqual([]);
      expect((await nats.settle(nats.other, acknowledge(current))).lost).toEqual([]);
      await deaf.close();
      await own.close();
    });

    it("takes a request for jobs that the server leaves unanswered for one that found none", async () => {
      const own = await connectToServer();
      const publish = own.publish.bind(own);
      own.publish = (subject, ...rest) => {
        if (!subject.includes("CONSUMER.MSG.NEXT")) publish(subject, ...rest);
      };
      const unheard = natsQueue({ connection: own, name: nats.name });
      expect(await unheard.claim({ limit: 1, leaseMs })).toEqual({ jobs: [], lost: [] });
      await unheard.close();
      await own.close();
    });

    it("lengthens the time of all again when somebody has shortened it", async () => {
      await nats.queue.send(newJob("a"));
      const job = await nats.claimOne(nats.queue, 30_000);
      await nats.manager.consumers.update(nats.name, "workers", { ack_wait: 1_000_000_000 });
      expect(await nats.queue.renew([job], 30_000)).toEqual([]);
      expect(await nats.ackWaitMs()).toBe(30_000);
    });

    it("buries a job that its option, made smaller since, would no longer take", async () => {
      await nats.queue.send(newJob("a", { body: Buffer.alloc(100_000) }));
      const smaller = natsQueue({ connection: serviceUrl("nats"), name: nats.name, largestMessageBytes: 8_192 });
      await nats.settle(smaller, { ...(await nats.claimOne(smaller)), outcome: "dead", reason: "x" });
      await smaller.close();
      expect((await nats.queue.list({ state: "dead" })).jobs).toMatchObject([{ id: "a" }]);
    });

    it("calls back in another process also when the sender closes at once", async () => {
      let calls = 0;
      nats.other.watch(() => calls++);
      await nats.other.claim({ limit: 1, leaseMs });
      await nats.queue.send(newJob("a"));
      await nats.queue.close();
      await until(() => calls > 0);
    });

    it("refuses messages larger than the server takes", async () => {
      const large = natsQueue({ connection: serviceUrl("nats"), name: nats.name, largestMessageBytes: 100_000_000 });
      await expect(large.send(newJob("a"))).rejects.toMatchObject({ code: "invalid_options" });
      await large.close();
    });

    it("takes a ready connection and leaves it open", async () => {
      const own = natsQueue({ connection: nats.connection, name: nats.name });
      own.watch(() => {});
      await own.send(newJob("a"));
      await own.close();
      expect(nats.connection.isClosed()).toBe(false);
      expect(await nats.claimOne(nats.queue)).toMatchObject({ id: "a" });
    });

    it("leaves no connection open", async () => {
      const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
      const before = sockets();
      nats.queue.watch(() => {});
      await nats.queue.send(newJob("a"));
      expect(sockets()).toBe(before + 1);
      await nats.queue.close();
      await until(() => sockets() === before);
    });
  });
});
