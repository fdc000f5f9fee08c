import { expect, it } from "@jest/globals";
import { describeWith, isServiceThere } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { newJob } from "../conformance.ts";
import { acknowledge } from "../conformance-suite.ts";
import { leaseMs, NatsFixture } from "./nats-fixture.ts";

const isThere = await isServiceThere("nats");

describeWith("NATS with JetStream", isThere, "what the NATS queue keeps its jobs in", () => {
  const nats = new NatsFixture();

  it("rejects a job that a full stream does not take, and no repetition of one that it holds", async () => {
    await nats.queue.send(newJob("a"));
    await nats.manager.streams.update(nats.name, { max_msgs: 1 });
    await expect(nats.queue.send(newJob("b"))).rejects.toMatchObject({ code: "queue_unavailable" });
    await nats.queue.send(newJob("a"));
    expect(await nats.messagesOf(nats.name)).toBe(1);
  });

  it("keeps a dead letter that a full stream does not take back", async () => {
    await nats.queue.send(newJob("a"));
    await nats.settle(nats.queue, { ...(await nats.claimOne(nats.queue)), outcome: "dead", reason: "x" });
    await nats.queue.send(newJob("b"));
    await nats.manager.streams.update(nats.name, { max_msgs: 1 });
    for (const ids of [["a"], "all"] as const) await expect(nats.queue.retry(ids)).rejects.toMatchObject({ code: "queue_unavailable" });
    expect((await nats.queue.list({ state: "dead" })).jobs).toMatchObject([{ id: "a" }]);
  });

  it("retries the dead letters that there are, and not those that become some meanwhile", async () => {
    await Promise.all(["a", "b", "c"].map((id) => nats.queue.send(newJob(id))));
    const bury = async () => {
      const { jobs } = await nats.other.claim({ limit: 10, leaseMs });
      await nats.settle(nats.other, ...jobs.map((job) => ({ ...job, outcome: "dead", reason: "x" }) as const));
    };
    await until(async () => {
      await bury();
      return (await nats.messagesOf(`${nats.name}-dead`)) === 3;
    });
    let retried: number | undefined;
    const retrying = nats.queue.retry("all").then((count) => {
      retried = count;
    });
    for (let round = 0; round < 100 && retried === undefined; round++) await bury();
    await retrying;
    expect(retried).toBe(3);
  });

  it.each([
    ["is something else's", { subjects: [">"] }],
    ["keeps jobs in memory", { storage: "memory" }],
    ["deletes jobs by their age", { max_age: 3_600_000_000_000 }],
    ["drops old jobs for new ones", { discard: "old", discard_new_per_subject: false }],
    ["says yes before it has a job", { no_ack: true }],
  ] as const)("refuses a stream that %s, and works once it is gone", async (_, settings) => {
    const right = {
      storage: "file",
      retention: "workqueue",
      discard: "new",
      max_msgs_per_subject: 1,
      discard_new_per_subject: true,
    } as const;
    const subjects = [`${nats.name}.job.*`];
    const foreign = "subjects" in settings ? { subjects: [`${nats.name}.>`] } : settings;
    await nats.manager.streams.add({ ...right, subjects, ...foreign, name: nats.name });
    await expect(nats.queue.send(newJob("a"))).rejects.toMatchObject({ code: "invalid_options" });
    await nats.manager.streams.delete(nats.name);
    await nats.queue.send(newJob("a"));
  });

  it.each([
    ["gives jobs up", { max_deliver: 3 }],
    ["holds jobs up", { max_ack_pending: 1_000 }],
    ["has times of its own", { max_deliver: 3, backoff: [1_000_000_000] }],
  ])("refuses a consumer that %s", async (_, settings) => {
    await nats.queue.claim({ limit: 1, leaseMs });
    await nats.manager.consumers.update(nats.name, "workers", settings);
    const late = nats.open();
    await expect(late.claim({ limit: 1, leaseMs })).rejects.toMatchObject({ code: "invalid_options" });
    await late.close();
  });

  it("knows of a job what it knew before its consumer was removed", async () => {
    await nats.queue.send(newJob("a"));
    await nats.settle(nats.queue, { ...(await nats.claimOne(nats.queue)), outcome: "retry", dueAt: new Date(), reason: "x" });
    await nats.manager.consumers.delete(nats.name, "workers");
    const again = await nats.claimOne(nats.other);
    expect(again).toMatchObject({ attempt: 2, crashes: 0 });
    await nats.settle(nats.other, acknowledge(again));
    expect(await nats.messagesOf(`${nats.name}-state`)).toBe(0);
  });
});
