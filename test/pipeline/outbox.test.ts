import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ApplicationError, ConfigurationError } from "../../src/errors.ts";
import type { NewJob } from "../../src/job.ts";
import { OutboxCarrier, outboxLeaseMs } from "../../src/pipeline/outbox.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { memoryStore } from "../../src/store/drivers/memory.ts";
import type { Store } from "../../src/store/store.ts";
import { type ControllableClock, controllableClock } from "../../src/testing/clock.ts";
import { acceptance, ids, newJob } from "../store/values.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { type Gate, gate } from "../support/until.ts";

let clock: ControllableClock;
let store: Store;
let log: RecordingLogger;
let carrier: OutboxCarrier;
/** Ids of jobs that were sent, tries that failed among them. */
let tries: string[];
let fault: (job: NewJob) => Error | undefined;
let held: Gate | undefined;

beforeEach(() => {
  clock = controllableClock();
  store = memoryStore({ clock });
  log = new RecordingLogger();
  tries = [];
  fault = () => undefined;
  held = undefined;
  carrier = openCarrier();
});
afterEach(async () => {
  held?.open();
  await carrier.close();
  await store.close();
});

function openCarrier(): OutboxCarrier {
  const send = async (job: NewJob) => {
    tries.push(job.id);
    await held?.opened;
    const error = fault(job);
    if (error) throw error;
  };
  return new OutboxCarrier({ queue: async () => ({ send }) as unknown as Queue, store: async () => store, clock, logger: log });
}

const accept = async (names: readonly string[], body?: Buffer): Promise<readonly NewJob[]> => {
  const jobs = names.map((id) => newJob(id, body ? { body } : {}));
  await store.acceptDelivery(acceptance({ key: undefined, jobs, leaseMs: outboxLeaseMs }));
  return jobs;
};
const names = (count: number) => Array.from({ length: count }, (_, index) => `job-${index}`);
const away = () => new ApplicationError("queue_unavailable");
const waiting = () => store.outbox.count();

describe("the way from the outbox to the queue", () => {
  it("is taken at once after jobs were accepted", async () => {
    carrier.handOn(await accept(["a", "b"]));
    await clock.advance(0);
    expect([tries, await waiting()]).toEqual([["a", "b"], 0]);
  });

  it("is taken by one job at a time while the queue is away, and by all as soon as it is back", async () => {
    fault = away;
    carrier.start();
    carrier.handOn(await accept(names(300)));
    await clock.advance(0);
    expect(tries).toHaveLength(300);
    await clock.advance(600_000);
    expect(tries.length).toBeLessThanOrEqual(300 + 600_000 / 5_000);
    expect(await waiting()).toBe(300);
    fault = () => undefined;
    await clock.advance(2 * outboxLeaseMs);
    expect(await waiting()).toBe(0);
    expect(log.complaints).toHaveLength(1);
  });

  it("is tried by one delivery at a time while the queue is away, so that its return is noticed at once", async () => {
    fault = away;
    carrier.start();
    carrier.handOn(await accept(["a"]));
    await clock.advance(0);
    held = gate();
    for (const each of names(50)) carrier.handOn(await accept([each]));
    await clock.advance(0);
    expect(tries).toEqual(["a", "job-0"]);
    held.open();
    await clock.advance(0);
    fault = () => undefined;
    carrier.handOn(await accept(["later"]));
    await clock.advance(0);
    expect([tries.at(-1), await waiting()]).toEqual(["later", 51]);
    await clock.advance(2 * outboxLeaseMs);
    expect(await waiting()).toBe(0);
  });

  it("is tried by every delivery in a process that does not sweep", async () => {
    fault = away;
    for (const each of ["a", "b"]) {
      carrier.handOn(await accept([each]));
      await clock.advance(0);
    }
    expect(tries).toEqual(["a", "b"]);
  });

  it("is not closed to others by a job that the queue refuses, which stays and is told once", async () => {
    fault = ({ id }) => (id === "refused" ? new ConfigurationError("unsupported", "It is too large.") : undefined);
    carrier.start();
    carrier.handOn(await accept(["refused"]));
    await clock.advance(0);
    for (const each of names(20)) {
      carrier.handOn(await accept([each]));
      await clock.advance(outboxLeaseMs);
    }
    expect(await waiting()).toBe(1);
    expect(ids(await store.outbox.take({ limit: 10, leaseMs: 1 }))).toEqual([]);
    expect(tries.filter((id) => id !== "refused")).toEqual(names(20));
    expect(log.lines).toMatchObject([{ level: "error", fields: { job: "refused", error: expect.stringMatching(/too large/) } }]);
  });

  it("is taken once by a job whose sending takes longer than its lease", async () => {
    held = gate();
    carrier.start();
    carrier.handOn(await accept(["slow"]));
    await clock.advance(0);
    await clock.advance(4 * outboxLeaseMs);
    expect(tries).toEqual(["slow"]);
    held.open();
    await clock.advance(0);
    expect(await waiting()).toBe(0);
  });

  it("is not taken by more bytes at once than memory is meant for", async () => {
    held = gate();
    const body = Buffer.alloc(20 * 1024 * 1024);
    for (const each of names(8)) carrier.handOn(await accept([each], body));
    await clock.advance(0);
    expect(tries).toEqual(names(4));
  });

  it("is taken by nothing after the closing", async () => {
    await carrier.close();
    carrier.handOn(await accept(["a"]));
    await clock.advance(outboxLeaseMs);
    expect([tries, log.lines]).toEqual([[], []]);
  });
});
