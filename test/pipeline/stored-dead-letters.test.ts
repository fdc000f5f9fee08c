import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ApplicationError } from "../../src/errors.ts";
import { withStoredDeadLetters } from "../../src/pipeline/stored-dead-letters.ts";
import { capabilitiesOf } from "../../src/queue/capabilities.ts";
import { memoryQueue } from "../../src/queue/drivers/memory.ts";
import type { LeasedJob, Queue, Settlement } from "../../src/queue/queue.ts";
import { memoryStore } from "../../src/store/drivers/memory.ts";
import type { Store } from "../../src/store/store.ts";
import { type ControllableClock, controllableClock } from "../../src/testing/clock.ts";
import { newJob } from "../queue/conformance.ts";
import { narrowQueue } from "../queue/narrow-queue.ts";
import { sameLeases } from "./same-leases.ts";

const leaseMs = 60_000;
const dead = ({ id, lease }: LeasedJob, reason = "it failed"): Settlement => ({ id, lease, outcome: "dead", reason });
const ids = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);

describe("withStoredDeadLetters", () => {
  let clock: ControllableClock;
  let engine: Queue;
  let store: Store;
  let queue: Queue;

  beforeEach(() => {
    clock = controllableClock();
    engine = narrowQueue({ clock });
    store = memoryStore({ clock });
    queue = withStoredDeadLetters(engine, async () => store, { clock });
  });
  afterEach(async () => {
    await queue.close();
    await store.close();
  });

  const claim = async (of: Queue = queue, limit = 1_000) => (await of.claim({ limit, leaseMs })).jobs;
  const settle = (settlements: readonly Settlement[], of: Queue = queue) => of.claim({ limit: 0, leaseMs, settle: settlements });
  const deadIds = async () => ids((await queue.list({ state: "dead", limit: 1_000 })).jobs);
  /** Sends jobs and has them die. */
  const bury = async (...names: string[]) => {
    for (const id of names) await queue.send(newJob(id));
    await settle((await claim()).map((job) => dead(job)));
  };
  const failingOnce = (method: "claim" | "send", when: (...of: never[]) => boolean): Queue => {
    let hasFailed = false;
    const value = (...of: never[]) => {
      if (hasFailed || !when(...of)) return (engine[method] as (...given: never[]) => unknown)(...of);
      hasFailed = true;
      return Promise.reject(new ApplicationError("queue_unavailable"));
    };
    return withStoredDeadLetters(Object.create(engine, { [method]: { value } }) as Queue, async () => store, { clock });
  };

  it("leaves a queue that keeps dead letters as it is", () => {
    const complete = memoryQueue();
    expect(withStoredDeadLetters(complete, async () => store)).toBe(complete);
    expect(capabilitiesOf(queue)).toMatchObject({ deadLetters: true, ordering: false });
  });

  it("stores a dead letter as the job was sent, whatever its handler did to the body", async () => {
    await queue.send(newJob("a", { head: "head", body: Buffer.from("body"), group: "github" }));
    const [job] = await claim();
    job?.body.fill(0);
    await settle([dead(job!)]);
    const [letter] = await store.deadLetters.get(["a"]);
    expect(letter).toMatchObject({ id: "a", handler: "Work", head: "head", group: "github", attempts: 1, reason: "it failed" });
    expect([Buffer.from(letter!.body).toString(), letter?.deadAt]).toEqual(["body", clock.now()]);
    expect((await engine.list({ state: "open" })).total).toBe(0);
  });

  it("keeps a job in the queue whose dead letter cannot be stored", async () => {
    const away = { ...store.deadLetters, add: () => Promise.reject(new ApplicationError("store_unavailable")) };
    const unstored = withStoredDeadLetters(engine, async () => Object.create(store, { deadLetters: { value: away } }) as Store, { clock });
    await unstored.send(newJob("a"));
    const [job] = await claim(unstored);
    await expect(settle([dead(job!)], unstored)).rejects.toMatchObject({ code: "store_unavailable" });
    await clock.advance(leaseMs);
    expect(await claim()).toMatchObject([{ id: "a", attempt: 2 }]);
  });

  it("stores one dead letter when the claim that brings it has to be made again", async () => {
    const unsteady = failingOnce("claim", (options: { readonly settle?: readonly Settlement[] }) => options.settle?.length === 1);
    await unsteady.send(newJob("a"));
    const [job] = await claim(unsteady);
    await expect(settle([dead(job!)], unsteady)).rejects.toMatchObject({ code: "queue_unavailable" });
    expect((await settle([dead(job!)], unsteady)).lost).toEqual([]);
    expect([await deadIds(), (await engine.list({ state: "open" })).total]).toEqual([["a"], 0]);
  });

  it("replaces the dead letter of a job that dies again because its process ended before the engine was told", async () => {
    await bury("a");
    await engine.send(newJob("a"));
    await clock.advance(1);
    await settle((await claim()).map((job) => dead(job, "again")));
    expect((await queue.list({ state: "dead" })).jobs).toMatchObject([{ id: "a", reason: "again" }]);
  });

  it("stores no dead letter for a worker that has lost the job", async () => {
    await queue.send(newJob("a"));
    const [late] = await claim();
    await clock.advance(leaseMs);
    const [current] = await claim();
    expect((await settle([dead(late!), dead({ ...current!, lease: "forged" })])).lost).toHaveLength(2);
    expect(await deadIds()).toEqual([]);
    expect((await settle([dead(current!)])).lost).toEqual([]);
    expect(await deadIds()).toEqual(["a"]);
  });

  it("tells jobs apart whose leases have the same text", async () => {
    queue = withStoredDeadLetters(sameLeases(engine), async () => store, { clock });
    for (const id of ["a", "b"]) await queue.send(newJob(id));
    expect((await settle((await claim()).map((job) => dead(job, job.id)))).lost).toEqual([]);
    expect((await queue.list({ state: "dead" })).jobs.map(({ id, body, reason }) => [id, Buffer.from(body).toString(), reason])).toEqual([
      ["a", "a", "a"],
      ["b", "b", "b"],
    ]);
  });

  it("has the engine told of a dead letter that is being stored when it is closed", async () => {
    await queue.send(newJob("a"));
    const [job] = await claim();
    const settling = settle([dead(job!)]);
    await Promise.all([settling, queue.close()]);
    expect((await settling).lost).toEqual([]);
    expect((await store.deadLetters.list({ limit: 10 })).total).toBe(1);
  });

  it("settles other jobs beside dead ones", async () => {
    for (const id of ["a", "b", "c"]) await queue.send(newJob(id));
    const [a, b, c] = await claim();
    const { lost } = await settle([
      { id: "a", lease: a!.lease, outcome: "acknowledge" },
      dead(b!),
      { id: "c", lease: c!.lease, outcome: "release" },
    ]);
    expect([lost, await deadIds(), ids(await claim())]).toEqual([[], ["b"], ["c"]]);
  });

  it("retries all of very many, oldest first", async () => {
    const names = Array.from({ length: 250 }, (_, index) => `job-${index}`);
    await bury(...names);
    expect((await queue.list({ state: "dead", limit: 0 })).total).toBe(250);
    expect(await queue.retry("all")).toBe(250);
    expect(await deadIds()).toEqual([]);
    expect(ids(await claim())).toEqual(names);
  });

  it("keeps the dead letter of a job that has died again by the time its retry is recorded", async () => {
    await bury("a", "b");
    const send = async (job: Parameters<Queue["send"]>[0]) => {
      await engine.send(job);
      await clock.advance(1);
      await settle((await claim()).map((again) => dead(again, "again")));
    };
    const hasty = withStoredDeadLetters(Object.create(engine, { send: { value: send } }) as Queue, async () => store, { clock });
    expect(await hasty.retry("all")).toBe(2);
    expect((await queue.list({ state: "dead" })).jobs.map(({ id, reason }) => [id, reason]).sort()).toEqual([
      ["a", "again"],
      ["b", "again"],
    ]);
  });

  it("keeps the dead letters that could not be sent again, and says so", async () => {
    await bury("a", "b", "c");
    const unsteady = failingOnce("send", (job: { readonly id: string }) => job.id === "b");
    await expect(unsteady.retry("all")).rejects.toMatchObject({ code: "queue_unavailable" });
    expect(await deadIds()).toEqual(["b"]);
    expect(ids(await claim())).toEqual(["a", "c"]);
    expect(await unsteady.retry("all")).toBe(1);
  });

  it("refuses a job with an ordering key", async () => {
    await expect(queue.send(newJob("a", { ordering: { key: "k", afterDead: "wait" } }))).rejects.toMatchObject({ code: "unsupported" });
  });
});
