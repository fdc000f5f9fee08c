import { expect, it } from "@jest/globals";
import { acknowledge, anyBytes, newJob, type QueueSuite } from "./conformance-suite.ts";

/** What is sent comes back as it was. */
export function describeContents(suite: QueueSuite): void {
  const { can } = suite;

  it("hands out a job as it was sent", async () => {
    const head = JSON.stringify({ text: "é\u0000\u{1f600}" });
    await suite.queue.send({
      id: "a/é\u0000:1",
      handler: "Work",
      head: `${head}\u0000`,
      body: Uint8Array.of(0, 255, 13, 10),
      group: "github",
    });
    const job = await suite.claimOne();
    expect(job).toMatchObject({ id: "a/é\u0000:1", handler: "Work", head: `${head}\u0000`, group: "github", attempt: 1, crashes: 0 });
    expect([...job.body]).toEqual([0, 255, 13, 10]);
  });

  it("keeps an empty body", async () => {
    await Promise.all(["a", "b"].map((id) => suite.queue.send(newJob(id, { body: new Uint8Array(), head: "" }))));
    expect((await suite.claimAll(2)).map(({ body, head, group }) => [body.byteLength, head, group])).toEqual([
      [0, "", ""],
      [0, "", ""],
    ]);
  });

  if (can.largestJobBytes >= 1024 * 1024 + 2) {
    it("keeps a body of 1 MiB with any bytes, and does not touch the sender's buffer", async () => {
      const body = anyBytes(1024 * 1024);
      await Promise.all(["a", "b", "c"].map((id) => suite.queue.send(newJob(id, { body }))));
      const jobs = await suite.claimAll(3);
      expect(jobs.every((job) => Buffer.compare(job.body, body) === 0)).toBe(true);
      expect(body.byteLength).toBe(1024 * 1024);
    });
  } else {
    it("keeps a job of the largest size with any bytes, and refuses one that is larger", async () => {
      const body = anyBytes(can.largestJobBytes - 2);
      await suite.queue.send(newJob("a", { body, head: "{}" }));
      expect(Buffer.compare((await suite.claimOne()).body, body)).toBe(0);
      const larger = anyBytes(can.largestJobBytes - 1);
      await expect(suite.queue.send(newJob("b", { body: larger, head: "{}" }))).rejects.toMatchObject({ code: "unsupported" });
      expect(await suite.claimNow()).toEqual([]);
    });
  }

  it("keeps a body that is a view of a larger buffer", async () => {
    const pool = Buffer.from("before|inside|after");
    await suite.queue.send(newJob("a", { body: pool.subarray(7, 13) }));
    expect(Buffer.from((await suite.claimOne()).body).toString()).toBe("inside");
    expect(pool.toString()).toBe("before|inside|after");
  });

  if (can.uniqueIds) {
    it("ignores a second job with the id of a stored one", async () => {
      await suite.queue.send(newJob("a", { head: "first" }));
      await Promise.all([suite.queue.send(newJob("a", { head: "second" })), suite.queue.send(newJob("a", { head: "third" }))]);
      const job = await suite.claimOne();
      expect(job.head).toBe("first");
      await suite.queue.send(newJob("a", { head: "fourth" }));
      expect(await suite.claimNow()).toEqual([]);
      await suite.settle(acknowledge(job));
      expect(await suite.claimNow()).toEqual([]);
    });
  }

  it("takes an id again once its job is gone, under a lease of its own", async () => {
    await suite.queue.send(newJob("a"));
    const first = await suite.claimOne();
    await suite.settle(acknowledge(first));
    await suite.queue.send(newJob("a", { head: "again" }));
    const second = await suite.claimOne();
    expect(second).toMatchObject({ head: "again", attempt: 1 });
    expect((await suite.settle(acknowledge(first))).lost).toHaveLength(1);
    expect((await suite.settle(acknowledge(second))).lost).toEqual([]);
  });
}
