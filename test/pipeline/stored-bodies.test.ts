import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ApplicationError } from "../../src/errors.ts";
import { withStoredBodies } from "../../src/pipeline/stored-bodies.ts";
import { withStoredDeadLetters } from "../../src/pipeline/stored-dead-letters.ts";
import { capabilitiesOf } from "../../src/queue/capabilities.ts";
import { memoryQueue } from "../../src/queue/drivers/memory.ts";
import type { LeasedJob, Queue, Settlement } from "../../src/queue/queue.ts";
import { memoryStore } from "../../src/store/drivers/memory.ts";
import type { Store } from "../../src/store/store.ts";
import { controllableClock } from "../../src/testing/clock.ts";
import { newJob } from "../queue/conformance.ts";
import { narrowQueue } from "../queue/narrow-queue.ts";
import { sameLeases } from "./same-leases.ts";

const leaseMs = 60_000;
const large = Buffer.alloc(2_000, 0xfe);
const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });
const dead = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "dead", reason: "it failed" });

describe("withStoredBodies", () => {
  const clock = controllableClock();
  let engine: Queue;
  let store: Store;
  /** Keys of all bodies that were ever put. */
  let keys: string[];
  let gets: number;
  let isStoreAway: boolean;
  let queue: Queue;

  beforeEach(() => {
    engine = narrowQueue({ clock, largestJobBytes: 1_000, deadLetters: true });
    store = memoryStore({ clock });
    keys = [];
    gets = 0;
    isStoreAway = false;
    queue = withStoredBodies(engine, async () => observed(store), { clock });
  });
  afterEach(async () => {
    await queue.close();
    await store.close();
  });

  function observed(real: Store): Store {
    const bodies: Store["bodies"] = {
      put: (id, body, term) => {
        keys.push(id);
        return real.bodies.put(id, body, term);
      },
      get: async (ids, term) => {
        gets++;
        if (isStoreAway) throw new ApplicationError("store_unavailable");
        return real.bodies.get(ids, term);
      },
      remove: (ids) => real.bodies.remove(ids),
      keep: (ids, term) => real.bodies.keep(ids, term),
      count: (options) => real.bodies.count(options),
      sweep: (options) => real.bodies.sweep(options),
    };
    return Object.create(real, { bodies: { value: bodies } }) as Store;
  }

  const claim = async (settle: readonly Settlement[] = [], limit = 10) => (await queue.claim({ limit, leaseMs, settle })).jobs;
  const storedBodies = async () => (await store.bodies.get(keys)).size;
  const settle = (...settlements: Settlement[]) => queue.claim({ limit: 0, leaseMs, settle: settlements });

  it("leaves a queue without a limit as it is", () => {
    const free = memoryQueue();
    expect(withStoredBodies(free, async () => store)).toBe(free);
    expect(capabilitiesOf(queue).largestJobBytes).toBe(Number.POSITIVE_INFINITY);
  });

  it("refuses a queue that keeps no dead letters", () => {
    expect(() => withStoredBodies(narrowQueue({ clock }), async () => store)).toThrow(expect.objectContaining({ code: "unsupported" }));
  });

  it("has the store keep what is too large for the queue, and nothing else", async () => {
    await queue.send(newJob("small", { body: Buffer.alloc(998), head: "{}" }));
    expect(keys).toEqual([]);
    await queue.send(newJob("large", { body: Buffer.alloc(999), head: "{}" }));
    expect(keys).toEqual([expect.stringMatching(/^large\//)]);
    expect((await engine.list({ state: "open" })).jobs.map(({ body }) => body.byteLength)).toEqual([998, 0]);
    expect((await queue.list({ state: "open" })).jobs.map(({ head, body }) => [head, body.byteLength])).toEqual([
      ["{}", 998],
      ["{}", 999],
    ]);
  });

  it("reads the bodies of all claimed jobs at once, and none where none is needed", async () => {
    for (const id of ["a", "b", "c"]) await queue.send(newJob(id, { body: large }));
    expect((await claim()).map(({ body }) => Buffer.compare(body, large))).toEqual([0, 0, 0]);
    expect(gets).toBe(1);
    await queue.send(newJob("d"));
    await claim();
    expect(gets).toBe(1);
  });

  it("removes a body when its job is acknowledged, and not before", async () => {
    await queue.send(newJob("a", { body: large }));
    const [first] = await claim();
    await settle({ id: "a", lease: first!.lease, outcome: "retry", dueAt: clock.now(), reason: "x" });
    const [second] = await claim();
    await settle({ id: "a", lease: second!.lease, outcome: "release" });
    const [third] = await claim();
    expect(Buffer.compare(third!.body, large)).toBe(0);
    expect(await storedBodies()).toBe(1);
    await settle(acknowledge(third!));
    expect(await storedBodies()).toBe(0);
  });

  it("keeps a body whose job is acknowledged too late, because another worker has it", async () => {
    await queue.send(newJob("a", { body: large }));
    const [late] = await claim();
    await clock.advance(leaseMs);
    const [current] = await claim();
    expect((await settle(acknowledge(late!))).lost).toHaveLength(1);
    expect(await storedBodies()).toBe(1);
    await settle(acknowledge(current!));
    expect(await storedBodies()).toBe(0);
  });

  it("keeps the body of a job that is sent again while its predecessor ends", async () => {
    await queue.send(newJob("a", { body: large }));
    const [job] = await claim();
    await Promise.all([settle(acknowledge(job!)), queue.send(newJob("a", { body: large }))]);
    expect((await claim()).map(({ body }) => Buffer.compare(body, large))).toEqual([0]);
  });

  it("takes no head for a reference to a body", async () => {
    const uuid = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    await store.bodies.put(`victim/${uuid}`, Buffer.from("secret"));
    const heads = [`\u0001b${uuid}{}`, `\u0001p\u0001b${uuid}`, "\u0001", "\u0001b", "\u0001p", ""];
    for (const head of heads) {
      for (const body of [Buffer.from("own"), large]) {
        await queue.send(newJob("victim", { head, body }));
        const [job] = await claim();
        expect([job?.head, Buffer.compare(job!.body, body)]).toEqual([head, 0]);
        await settle(acknowledge(job!));
      }
    }
    expect((await store.bodies.get([`victim/${uuid}`])).size).toBe(1);
  });

  it("makes a job whose body is gone a dead letter that says so, and hands out the others", async () => {
    const logged: unknown[] = [];
    const log = (fields: unknown) => logged.push(fields);
    queue = withStoredBodies(engine, async () => observed(store), { clock, logger: { debug: log, info: log, warn: log, error: log } });
    await queue.send(newJob("a", { body: large }));
    await store.bodies.remove(keys);
    await queue.send(newJob("b", { body: large }));
    expect((await claim()).map(({ id }) => id)).toEqual(["b"]);
    const { jobs } = await queue.list({ state: "dead" });
    expect(jobs).toMatchObject([{ id: "a", head: "{}", reason: expect.stringMatching(/not in the store/) }]);
    expect(jobs[0]?.body.byteLength).toBe(0);
    expect(logged).toMatchObject([{ jobs: ["a"] }]);
  });

  it("refuses a head that is too large, and keeps no body for it", async () => {
    await expect(queue.send(newJob("a", { head: "h".repeat(990), body: large }))).rejects.toMatchObject({ code: "unsupported" });
    expect(await storedBodies()).toBe(0);
    expect((await engine.list({ state: "open" })).total).toBe(0);
  });

  it("removes the body of a job that the queue refuses, and keeps that of one that may be stored", async () => {
    const failing: Queue = Object.create(engine, {
      send: { value: () => Promise.reject(new ApplicationError("queue_unavailable")) },
    }) as Queue;
    queue = withStoredBodies(failing, async () => observed(store), { clock });
    await expect(queue.send(newJob("a", { body: large }))).rejects.toMatchObject({ code: "queue_unavailable" });
    expect(await storedBodies()).toBe(1);
    await engine.close();
    queue = withStoredBodies(engine, async () => observed(store), { clock });
    await expect(queue.send(newJob("b", { body: large }))).rejects.toMatchObject({ code: "closed" });
    expect(await storedBodies()).toBe(1);
  });

  it("gives jobs back when the store does not answer, without counting an attempt", async () => {
    await queue.send(newJob("a", { body: large }));
    isStoreAway = true;
    await expect(claim()).rejects.toMatchObject({ code: "store_unavailable" });
    await queue.send(newJob("b"));
    const [small] = await claim();
    expect(small?.id).toBe("b");
    expect((await queue.claim({ limit: 10, leaseMs, settle: [acknowledge(small!)] })).lost).toEqual([]);
    isStoreAway = false;
    await clock.advance(1_000);
    expect(await claim()).toMatchObject([{ id: "a", attempt: 1, crashes: 0 }]);
  });

  it("does not hand jobs out over and over while the store does not answer", async () => {
    await queue.send(newJob("a", { body: large }));
    isStoreAway = true;
    await expect(claim()).rejects.toMatchObject({ code: "store_unavailable" });
    expect(await claim()).toEqual([]);
    expect(gets).toBe(1);
  });

  it("keeps no large body in a store that forgets, for a queue that does not", async () => {
    const durable = Object.create(engine, { capabilities: { value: { ...engine.capabilities, durable: true } } }) as Queue;
    queue = withStoredBodies(durable, async () => observed(store), { clock });
    await expect(queue.send(newJob("a", { body: large }))).rejects.toMatchObject({ code: "unsupported" });
    await queue.send(newJob("b"));
    expect([keys, (await engine.list({ state: "open" })).total]).toEqual([[], 1]);
  });

  it("tells jobs apart whose leases have the same text", async () => {
    queue = withStoredBodies(sameLeases(engine), async () => observed(store), { clock });
    for (const id of ["a", "b"]) await queue.send(newJob(id, { body: large }));
    const [a, b] = await claim();
    await settle(acknowledge(a!), { id: "b", lease: b!.lease, outcome: "release" });
    expect((await claim()).map(({ id, body }) => [id, Buffer.compare(body, large)])).toEqual([["b", 0]]);
    expect(await storedBodies()).toBe(1);
  });

  it("shows dead letters with their bodies, retries them whole, and removes bodies with what it purges", async () => {
    for (let index = 0; index < 150; index++) await queue.send(newJob(`job-${index}`, { body: large }));
    await settle(...(await claim([], 150)).map(dead));
    const { jobs, total } = await queue.list({ state: "dead", limit: 1 });
    expect([Buffer.compare(jobs[0]!.body, large), total]).toEqual([0, 150]);
    expect(await queue.retry(["job-7"])).toBe(1);
    expect(await queue.purge(["job-3", "job-140", "job-140", "unknown"])).toBe(2);
    expect(await storedBodies()).toBe(148);
    expect(await queue.purge("all")).toBe(147);
    expect(await storedBodies()).toBe(1);
    expect((await claim()).map(({ id, body }) => [id, Buffer.compare(body, large)])).toEqual([["job-7", 0]]);
  });

  it("keeps the body of a dead letter that somebody retries while it is to be purged", async () => {
    await queue.send(newJob("a", { body: large }));
    await settle(...(await claim()).map(dead));
    const racing: Queue = Object.create(engine, {
      purge: {
        value: async (ids: readonly string[]) => {
          await engine.retry("all");
          return engine.purge(ids);
        },
      },
    }) as Queue;
    expect(await withStoredBodies(racing, async () => observed(store), { clock }).purge("all")).toBe(0);
    expect((await claim()).map(({ body }) => Buffer.compare(body, large))).toEqual([0]);
  });

  it("keeps the body of a dead letter that is in the store", async () => {
    engine = narrowQueue({ clock, largestJobBytes: 1_000 });
    queue = withStoredBodies(
      withStoredDeadLetters(engine, async () => store, { clock }),
      async () => observed(store),
      { clock },
    );
    for (const id of ["a", "b", "c"]) await queue.send(newJob(id, { body: large, group: "github" }));
    await settle(...(await claim()).map(dead));
    expect((await queue.list({ state: "dead" })).jobs.map(({ body }) => Buffer.compare(body, large))).toEqual([0, 0, 0]);
    expect(await queue.retry(["b"])).toBe(1);
    expect(await queue.purge("all")).toBe(2);
    const [again] = await claim();
    expect(again).toMatchObject({ id: "b", group: "github", attempt: 1 });
    expect(Buffer.compare(again!.body, large)).toBe(0);
    expect(await storedBodies()).toBe(1);
    await settle(acknowledge(again!));
    expect(await storedBodies()).toBe(0);
  });
});
