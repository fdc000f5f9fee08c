import { randomBytes } from "node:crypto";
import { expect, it } from "@jest/globals";
import type { LeasedJob, Settlement } from "../../src/queue/queue.ts";
import { postgresStore } from "../../src/store/drivers/postgres.ts";
import { sqliteStore } from "../../src/store/drivers/sqlite.ts";
import { urlWith } from "../postgres/schema.ts";
import { describeWith, isServiceThere } from "../support/services.ts";
import { claim, deliveryKey, hourMs, idsOf, inOrder, job, moveFixture } from "./move-fixture.ts";

const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });
const dead = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "dead", reason: "broken\0 for good" });

describeWith("postgres", await isServiceThere("postgres"), "hookwright move", () => {
  const at = moveFixture();

  it("moves jobs byte for byte, ids with NUL and bodies of any bytes among them", async () => {
    const any = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const jobs = [
      job("a\0b", { head: 'h\0"\u0010\u{1f600}', body: any, group: "gr\u0010oup" }),
      job("large", { body: randomBytes(1024 * 1024) }),
      job("empty", { body: new Uint8Array() }),
      job(`long ${"x".repeat(5_000)}`),
    ];
    await at.fill(async (queue) => {
      for (const each of jobs) await queue.send(each);
    });
    expect(await at.moveAsJson()).toMatchObject({ moved: { jobs: 4 }, left: { jobs: 0 } });
    const claimed = (await claim(at.inServer())).jobs;
    expect(claimed).toHaveLength(4);
    for (const [index, { id, head, body, group, attempt, crashes }] of claimed.entries()) {
      const sent = jobs[index]!;
      expect({ id, head, group, attempt, crashes }).toEqual({
        id: sent.id,
        head: sent.head,
        group: sent.group ?? "",
        attempt: 1,
        crashes: 0,
      });
      expect(Buffer.compare(body, Buffer.from(sent.body))).toBe(0);
    }
  });

  it("keeps due times, attempts, crashes and reasons", async () => {
    const dueAt = new Date(Date.now() + hourMs);
    await at.fill(async (queue) => {
      await queue.send(job("delayed", { dueAt }));
      for (const id of ["failing", "crashed", "held"]) await queue.send(job(id));
      const [failing, , held] = (await claim(queue, { leaseMs: 1 })).jobs;
      await claim(queue, { limit: 0, settle: [{ ...failing!, outcome: "retry", dueAt, reason: "it failed" }] });
      await queue.renew([held!], hourMs);
    });
    await at.moveAsJson();
    const queue = at.inServer();
    const { jobs } = await queue.list({ state: "open" });
    expect(jobs.map(({ id, attempts, reason }) => ({ id, attempts, reason }))).toEqual([
      { id: "delayed", attempts: 0, reason: undefined },
      { id: "failing", attempts: 1, reason: "it failed" },
      { id: "crashed", attempts: 1, reason: undefined },
      { id: "held", attempts: 1, reason: undefined },
    ]);
    for (const id of ["delayed", "failing", "held"]) {
      expect(Math.abs(jobs.find((each) => each.id === id)!.dueAt.getTime() - dueAt.getTime())).toBeLessThan(5_000);
    }
    expect((await claim(queue)).jobs).toMatchObject([{ id: "crashed", attempt: 2, crashes: 1 }]);
  });

  it("keeps a due time within a second", async () => {
    const dueAt = new Date(Date.now() + hourMs);
    await at.fill((queue) => queue.send(job("delayed", { dueAt })));
    await at.moveAsJson();
    const { rows } = await at.pool.query(`SELECT extract(epoch FROM due_at) * 1000 AS due_ms FROM "${at.schema}".jobs`);
    expect(Math.abs(Number(rows[0].due_ms) - dueAt.getTime())).toBeLessThan(1_000); // the server's clock is this machine's
  });

  it("keeps the order of an ordering key", async () => {
    await at.fill(async (queue) => {
      for (const id of ["1", "2", "3"]) await queue.send(job(id, inOrder("key\0")));
      await queue.send(job("free"));
    });
    await at.moveAsJson();
    const queue = at.inServer();
    await queue.send(job("4", inOrder("key\0")));
    const seen: string[] = [];
    for (let settle: readonly Settlement[] = []; ; ) {
      const { jobs } = await claim(queue, { settle });
      if (jobs.length === 0) break;
      seen.push(...idsOf(jobs));
      settle = jobs.map(acknowledge);
    }
    expect(seen.filter((id) => id !== "free")).toEqual(["1", "2", "3", "4"]);
    expect(seen[0]).toBe("1");
  });

  it("keeps dead letters, which hold up their ordering key where they did, and can be retried", async () => {
    await at.fill(async (queue) => {
      for (const id of ["held up by", "held up"]) await queue.send(job(id, inOrder("waits", "wait")));
      for (const id of ["passed", "passing"]) await queue.send(job(id, inOrder("goes on")));
      await queue.send(job("alone"));
      const { jobs } = await claim(queue);
      await claim(queue, { limit: 0, settle: jobs.map(dead) });
    });
    await at.moveAsJson();
    const queue = at.inServer();
    const letters = (await queue.list({ state: "dead" })).jobs;
    expect(idsOf(letters)).toEqual(["held up by", "passed", "alone"]);
    expect(letters[0]).toMatchObject({ attempts: 1, reason: "broken\0 for good", deadAt: expect.any(Date) });
    expect(Math.abs(letters[0]!.deadAt!.getTime() - Date.now())).toBeLessThan(60_000);
    const first = (await claim(queue)).jobs;
    expect(idsOf(first)).toEqual(["passing"]);
    expect(await queue.retry("all")).toBe(3);
    const second = (await claim(queue, { settle: first.map(acknowledge) })).jobs;
    expect(idsOf(second).sort()).toEqual(["alone", "held up by", "passed"]);
    expect(idsOf((await claim(queue, { settle: second.map(acknowledge) })).jobs)).toEqual(["held up"]);
  });

  it("lets a job of PostgreSQL that has the turn keep it, and its key go on afterwards", async () => {
    await at.fill(async (queue) => {
      for (const id of ["1", "2"]) await queue.send(job(id, inOrder("key", "wait")));
      await claim(queue, { limit: 0, settle: (await claim(queue)).jobs.map(dead) });
    });
    const queue = at.inServer();
    await queue.send(job("0", inOrder("key", "wait")));
    const first = (await claim(queue)).jobs;
    await at.moveAsJson();
    expect(idsOf((await claim(queue, { settle: first.map(acknowledge) })).jobs)).toEqual([]);
    expect(await queue.purge("all")).toBe(1);
    expect(idsOf((await claim(queue)).jobs)).toEqual(["2"]);
  });

  it("moves what the store keeps", async () => {
    const letter = { ...job("letter\0"), attempts: 3, reason: "no", deadAt: new Date(5_000) };
    const waiting = job("waiting", { dueAt: new Date(9_000), group: "g", ...inOrder("key", "wait") });
    const source = sqliteStore({ file: at.file });
    await source.acceptDelivery({ key: deliveryKey, claim: undefined, retentionMs: hourMs, jobs: [waiting], leaseMs: 0, to: "outbox" });
    await source.bodies.put("body\0", Buffer.from([0, 255, 0]));
    await source.deadLetters.add(letter);
    await source.close();
    expect(await at.moveAsJson()).toMatchObject({ moved: { deliveries: 1, outbox: 1, bodies: 1, deadLetters: 1 } });
    const store = at.opened(postgresStore({ connection: urlWith({}), schema: at.schema }));
    expect(await store.claimDelivery(deliveryKey, { leaseMs: 1_000 })).toEqual({ state: "done", sameBody: true });
    expect(await store.outbox.take({ limit: 5, leaseMs: 1_000 })).toEqual([waiting]);
    expect((await store.bodies.get(["body\0"])).get("body\0")).toEqual(Buffer.from([0, 255, 0]));
    expect((await store.deadLetters.list({ limit: 5 })).letters).toEqual([letter]);
    const { rows } = await at.pool.query(`SELECT expires_at FROM "${at.schema}".deliveries`);
    expect(Math.abs(Number(rows[0].expires_at) - Date.now() - hourMs)).toBeLessThan(60_000);
  });

  it("leaves what PostgreSQL has already, and counts it", async () => {
    await at.fill(async (queue) => {
      await queue.send(job("both", { head: "file" }));
      await queue.send(job("new"));
    });
    const queue = at.inServer();
    await queue.send(job("both", { head: "server" }));
    expect(await at.moveAsJson()).toMatchObject({ moved: { jobs: 1 }, alreadyThere: { jobs: 1 }, left: { jobs: 0 } });
    expect((await queue.list({ state: "open" })).jobs).toMatchObject([{ id: "both", head: "server" }, { id: "new" }]);
  });
});
