import { expect, it } from "@jest/globals";
import type { NewJob } from "../../src/job.ts";
import type { Fixture, StoreUnderTest } from "./fixture.ts";
import { acceptance, anyBytes, everyByte, ids, newJob, oddText } from "./values.ts";

/** Checks that jobs wait in the outbox for whoever carries them, one at a time. */
export function describeOutbox(fixture: Fixture, { openAnother }: StoreUnderTest): void {
  const { leaseMs, longMs } = fixture;
  const put = (jobs: readonly NewJob[], ms = 0) => fixture.store.acceptDelivery(acceptance({ key: undefined, jobs, leaseMs: ms }));
  const take = (limit = 100, ms = longMs) => fixture.store.outbox.take({ limit, leaseMs: ms });

  it("gives a job back as it was accepted", async () => {
    const full = {
      id: oddText,
      handler: "Work",
      head: `${oddText}\u0000`,
      body: everyByte,
      dueAt: new Date("2026-03-04T05:06:07.891Z"),
      group: oddText,
      ordering: { key: oddText, afterDead: "wait" },
    } as const;
    const bare = newJob("b", { head: "", body: new Uint8Array(), ordering: { key: "", afterDead: "continue" } });
    await put([full, bare, newJob("c")]);
    const jobs = await take();
    expect(jobs.map(({ body, ...rest }) => ({ ...rest, body: [...body] }))).toEqual(
      [full, bare, newJob("c")].map(({ body, ...rest }) => ({ ...rest, body: [...body] })),
    );
  });

  it("keeps a body of 1 MiB with any bytes", async () => {
    const body = anyBytes(1024 * 1024);
    await put([newJob("a", { body }), newJob("b", { body: body.subarray(1, 3) })]);
    const [a, b] = await take();
    expect(Buffer.compare(a!.body, body)).toBe(0);
    expect([...b!.body]).toEqual([1, 2]);
  });

  it("leaves jobs to whoever accepted them until the lease is over", async () => {
    await put([newJob("a")], leaseMs);
    expect(await take()).toEqual([]);
    await fixture.pass(leaseMs);
    expect(ids(await take())).toEqual(["a"]);
  });

  it("leaves jobs to whoever took them until the lease is over", async () => {
    await put([newJob("a")]);
    expect(ids(await take(10, leaseMs))).toEqual(["a"]);
    expect(await take()).toEqual([]);
    await fixture.pass(leaseMs);
    expect(ids(await take())).toEqual(["a"]);
  });

  it("gives the oldest first, and no more than asked for", async () => {
    await put(["c", "a"].map((id) => newJob(id)));
    await put([newJob("b")]);
    expect(ids(await take(2))).toEqual(["c", "a"]);
    expect(ids(await take(2))).toEqual(["b"]);
    expect(await take(2)).toEqual([]);
  });

  it("forgets what is removed, and counts the rest", async () => {
    await put(["a", "b", "c"].map((id) => newJob(id)));
    expect(await fixture.store.outbox.count()).toBe(3);
    await fixture.store.outbox.remove(["b", "unknown", "b"]);
    await Promise.all(["a"].map((id) => fixture.store.outbox.remove([id])));
    await fixture.store.outbox.remove([]);
    expect(await fixture.store.outbox.count()).toBe(1);
    expect(ids(await take())).toEqual(["c"]);
  });

  it("changes nothing where a job of the id is there", async () => {
    await put([newJob("a", { head: "first" })]);
    await put([newJob("a", { head: "second" }), newJob("b")]);
    expect((await take()).map(({ id, head }) => [id, head])).toEqual([
      ["a", "first"],
      ["b", "{}"],
    ]);
  });

  it("gives of one ordering key only the first that is there, taken or not, and does not hold up others", async () => {
    const keyed = (id: string, key: string) => newJob(id, { ordering: { key, afterDead: "continue" } });
    const long = "k".repeat(100);
    await put([keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"), newJob("c"), keyed("l1", `${long}1`), keyed("l2", `${long}2`)]);
    expect(ids(await take())).toEqual(["a1", "b1", "c", "l1", "l2"]);
    expect(await take()).toEqual([]);
    await fixture.store.outbox.remove(["a1"]);
    expect(ids(await take())).toEqual(["a2"]);
  });

  it("does not give what follows a job that its accepter still has", async () => {
    const ordering = { key: "k", afterDead: "wait" } as const;
    await put([newJob("a", { ordering })], longMs);
    await put([newJob("b", { ordering }), newJob("c")]);
    expect(ids(await take())).toEqual(["c"]);
  });

  if (openAnother) {
    it("gives each job to one of several that take at once", async () => {
      const stores = [fixture.store, await fixture.another(), await fixture.another()];
      const all = Array.from({ length: 300 }, (_, index) => `job-${index}`);
      await Promise.all(all.map((id) => put([newJob(id)])));
      const taken: string[] = [];
      await Promise.all(
        stores.map(async ({ outbox }) => {
          for (let count = -1; count !== 0; ) {
            const jobs = await outbox.take({ limit: 7, leaseMs: longMs });
            taken.push(...ids(jobs));
            count = jobs.length;
          }
        }),
      );
      taken.push(...ids(await take(300)));
      expect(taken).toHaveLength(300);
      expect(new Set(taken)).toEqual(new Set(all));
    });
  }
}
