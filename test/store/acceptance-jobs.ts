import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { expect, it } from "@jest/globals";
import type { Settlement } from "../../src/queue/queue.ts";
import type { Fixture } from "./fixture.ts";
import { acceptance, deliveryKey, ids, newJob } from "./values.ts";

/** Checks jobs that go to the queue of the same database. */
export function describeJobs(fixture: Fixture): void {
  const { longMs } = fixture;
  const accept = (members: Parameters<typeof acceptance>[0] = {}) =>
    fixture.store.acceptDelivery(acceptance({ jobs: [newJob("a")], to: "queue", ...members }));

  it("is where the queue of the same database is", async () => {
    expect((await fixture.queue()).location).toBe(fixture.store.location);
    expect(fixture.store.location).toBeDefined();
  });

  it("stores jobs in the queue, as they were given", async () => {
    const queue = await fixture.queue();
    const body = Uint8Array.of(0, 255, 13, 10);
    const job = newJob("a/é\u0000", { head: "{}\u0000", body, group: "github" });
    expect(await accept({ jobs: [job, newJob("b", { body: new Uint8Array() })] })).toEqual({ state: "accepted" });
    const { jobs } = await queue.claim({ limit: 10, leaseMs: longMs });
    expect(jobs).toMatchObject([
      { id: "a/é\u0000", handler: "Work", head: "{}\u0000", group: "github", attempt: 1 },
      { id: "b", head: "{}" },
    ]);
    expect(jobs.map((each) => [...each.body])).toEqual([[0, 255, 13, 10], []]);
    expect(await fixture.store.outbox.count()).toBe(0);
  });

  it("stores none of the jobs of a delivery that is not accepted", async () => {
    const queue = await fixture.queue();
    await accept();
    await accept({ jobs: [newJob("b")] });
    const other = deliveryKey({ deliveryId: "d-2" });
    await fixture.store.claimDelivery(other, { leaseMs: longMs });
    await accept({ key: other, jobs: [newJob("c", { ordering: { key: "k", afterDead: "wait" } })] });
    expect(ids((await queue.claim({ limit: 10, leaseMs: longMs })).jobs)).toEqual(["a"]);
  });

  it("changes nothing where a job of the id is there", async () => {
    const queue = await fixture.queue();
    await queue.send(newJob("a", { head: "first" }));
    expect(await accept({ jobs: [newJob("a", { head: "second" }), newJob("b")] })).toEqual({ state: "accepted" });
    const { jobs } = await queue.claim({ limit: 10, leaseMs: longMs });
    expect(jobs.map(({ id, head }) => [id, head])).toEqual([
      ["a", "first"],
      ["b", "{}"],
    ]);
  });

  it("keeps the order of jobs of one ordering key, and when they are due", async () => {
    const queue = await fixture.queue();
    const ordering = { key: "k", afterDead: "continue" } as const;
    const later = new Date(fixture.clock.now().getTime() + Date.now() + longMs);
    await accept({ jobs: [newJob("a", { ordering }), newJob("later", { dueAt: later })] });
    await accept({ key: undefined, jobs: [newJob("b", { ordering })] });
    const first = (await queue.claim({ limit: 10, leaseMs: longMs })).jobs;
    expect(ids(first)).toEqual(["a"]);
    const settle = first.map(({ id, lease }) => ({ id, lease, outcome: "acknowledge" }) as const);
    expect(ids((await queue.claim({ limit: 10, leaseMs: longMs, settle })).jobs)).toEqual(["b"]);
  });

  it("keeps the order of jobs of one ordering key that are accepted one after the other, also without waiting", async () => {
    const queue = await fixture.queue();
    const all = Array.from({ length: 40 }, (_, index) => `job-${index}`);
    const accepting: Promise<unknown>[] = [];
    for (const [index, id] of all.entries()) {
      const key = index % 2 === 0 ? undefined : deliveryKey({ deliveryId: id });
      accepting.push(accept({ key, jobs: [newJob(id, { ordering: { key: "k", afterDead: "wait" } })] }));
      if (index % 3 === 0) await eventLoopTurn();
    }
    await Promise.all(accepting);
    const seen: string[] = [];
    for (let settle: Settlement[] = []; seen.length < all.length; ) {
      const { jobs } = await queue.claim({ limit: 10, leaseMs: longMs, settle });
      seen.push(...ids(jobs));
      settle = jobs.map(({ id, lease }) => ({ id, lease, outcome: "acknowledge" }));
      if (jobs.length === 0) break;
    }
    expect(seen).toEqual(all);
  });

  it("wakes who watches the queue", async () => {
    const queue = await fixture.queue();
    await queue.claim({ limit: 1, leaseMs: longMs });
    for (let tries = 0, isWoken = false; !isWoken; tries++) {
      if (tries === 20) throw new Error("nobody was woken");
      isWoken = await new Promise((resolve) => {
        const stop = queue.watch(() => end(true));
        const timer = setTimeout(() => end(false), 500);
        const end = (answer: boolean) => {
          clearTimeout(timer);
          stop();
          resolve(answer);
        };
        void accept({ key: undefined, jobs: [newJob(`job-${tries}`)] });
      });
    }
  });

  it("stores nothing of a delivery of which one job is refused, and what comes with it all the same", async () => {
    const queue = await fixture.queue();
    const refused = newJob("refused", { dueAt: new Date(Number.NaN) });
    const key = deliveryKey({ deliveryId: "refused" });
    const [bad, ...good] = await Promise.allSettled([
      accept({ key, jobs: [newJob("beside"), refused] }),
      accept({ key: deliveryKey({ deliveryId: "d-2" }), jobs: [newJob("b")] }),
      accept({ key: undefined, jobs: [newJob("c")] }),
    ]);
    expect(bad?.status).toBe("rejected");
    expect(good.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect([...ids((await queue.claim({ limit: 10, leaseMs: longMs })).jobs)].sort()).toEqual(["b", "c"]);
    expect(await accept({ key, jobs: [newJob("again")] })).toEqual({ state: "accepted" });
  });
}
