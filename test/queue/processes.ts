import { expect } from "@jest/globals";
import { capabilitiesOf } from "../../src/queue/capabilities.ts";
import type { LeasedJob } from "../../src/queue/queue.ts";
import { isEngineInstalled } from "../support/engines.ts";
import { describeWith } from "../support/services.ts";
import { until } from "../support/until.ts";
import { acknowledge, sorted } from "./conformance-suite.ts";
import type { QueueSpec } from "./open-queue.ts";
import { longLeaseMs, ProcessHarness, wellEnded } from "./processes/harness.ts";
import { describeRestarts } from "./processes/restarts.ts";
import { randomFrom, seed } from "./processes/seed.ts";
import type { Child } from "./processes/start-child.ts";

/** What the suite needs to know of a driver. */
export interface ProcessesUnderTest {
  readonly engine: QueueSpec["engine"];
  /** When the jobs of a killed worker come back: with its lease, or because its connection breaks. */
  readonly comesBack: "after the lease" | "at once";
  /** A lease that is short, yet long for a few calls. All who claim ask for the same, as in an application. Default 2,500. */
  readonly shortLeaseMs?: number;
  /** A connection of which the engine notices soon that its process stands still, where that is what ends a hold. */
  impatient?(connection: string): string;
  /** How often its engine is restarted under load. Default 4; not at all where it has no server. */
  readonly restarts?: number;
  /** How many connections an engine has, in its own words; asked where the suite has none open. */
  countConnections?(connection: string): Promise<number>;
}

/** Checks what only real processes, real signals and real restarts of an engine can show. */
export function describeQueueProcesses(name: string, underTest: ProcessesUnderTest): void {
  const { engine, restarts = 4 } = underTest;
  const isThere = engine === "sqlite" || engine === "sqs" || isEngineInstalled(engine);
  describeWith(`an installed ${engine}`, isThere, `${name}, between processes`, () => {
    const harness = new ProcessHarness(engine);
    describeLife(harness);
    describeDeath(harness, underTest);
    describeEnd(harness, underTest);
    if (engine !== "sqlite") describeRestarts(harness, restarts);
  });
}

const newJob = (id: string, head = "{}") => ({ id, handler: "Work", head, body: Buffer.from(id) });
const historyOf = ({ attempt, crashes }: LeasedJob) => `attempt ${attempt}, crashes ${crashes}`;

function describeLife(harness: ProcessHarness): void {
  const handleAll = async () => {
    const workers = Array.from({ length: 8 }, () => harness.startWorker());
    const senders = ["a", "b"].map((prefix) => harness.startSender(prefix, { count: 5_000, concurrency: 50 }));
    for (const sender of senders) expect(await sender.ends(60_000)).toEqual(wellEnded);
    await harness.untilDone(workers, 10_000);
    const done = await harness.stopWorkers(workers);
    expect(done).toHaveLength(10_000);
    expect(sorted(new Set(done))).toEqual(sorted(senders.flatMap((sender) => sender.ids("sent"))));
    await harness.expectEmpty();
  };
  harness.it("handles each of 10,000 jobs once over 8 processes when nobody dies", handleAll, 120_000);

  harness.it("takes bodies of 1 MiB, or as large as they may be, with any bytes from one process to another", async () => {
    const { largestJobBytes } = capabilitiesOf(await harness.open());
    const bodyBytes = Math.min(1024 * 1024, largestJobBytes - 2); // the head has two
    const worker = harness.startWorker();
    const sender = harness.startSender("large", { count: 12, concurrency: 4, bodyBytes });
    expect(await sender.ends()).toEqual(wellEnded);
    await worker.says("done", 12);
    await harness.stopWorkers([worker]);
    const received = worker.said("done").map(([id, , , digest]) => `${id} ${digest}`);
    expect(sorted(received)).toEqual(sorted(sender.said("sent").map(([id, digest]) => `${id} ${digest}`)));
    await harness.expectEmpty();
  });
}

function describeDeath(harness: ProcessHarness, { comesBack, shortLeaseMs = 2_500, impatient }: ProcessesUnderTest): void {
  harness.it("has every job whose send had resolved when the sender was killed", async () => {
    const random = randomFrom(seed);
    const sent: string[] = [];
    let uncertain: readonly string[] = [];
    for (let round = 0; round < 4; round++) {
      const sender = harness.startSender(`round-${round}`, { first: uncertain });
      await sender.says("sent", 20 + Math.floor(random() * 200));
      sender.kill("SIGKILL");
      expect(await sender.ends()).toEqual({ code: null, signal: "SIGKILL" });
      uncertain = sender.ids("sent").slice(-5); // sent again, as by one who does not know
      sent.push(...sender.ids("sent"));
    }
    const found = (await harness.drain(new Set(sent).size)).map(({ id }) => id);
    const isFound = new Set(found);
    expect(sent.filter((id) => !isFound.has(id))).toEqual([]);
    if (capabilitiesOf(await harness.open()).uniqueIds) expect(found).toHaveLength(isFound.size);
  });

  harness.it("hands out again what a killed worker held, as another attempt after a crash", async () => {
    const queue = await harness.open();
    const ids = Array.from({ length: 20 }, (_, index) => `job-${index}`);
    await Promise.all(ids.map((id) => queue.send(newJob(id))));
    // Where it is the broken connection that gives them back, no lease does.
    const leaseMs = comesBack === "at once" ? longLeaseMs : shortLeaseMs;
    const holder = harness.children.start("holder", harness.spec, { count: 20, leaseMs });
    expect(sorted((await holder.says("held", 20)).map((words) => words.join(" ")))).toEqual(sorted(ids.map((id) => `${id} 1 0`)));
    holder.kill("SIGKILL");
    const again = await harness.claimAll(queue, 20, leaseMs);
    expect(sorted(again.map(({ id }) => id))).toEqual(sorted(ids));
    expect(again.map(historyOf)).toEqual(ids.map(() => "attempt 2, crashes 1"));
    expect((await queue.claim({ limit: 0, leaseMs, settle: again.map(acknowledge) })).lost).toEqual([]);
    await harness.expectEmpty();
  });

  harness.it("loses nothing when workers are killed in the middle of their work, and counts every death", async () => {
    const random = randomFrom(seed);
    const startWorker = () => harness.startWorker({ leaseMs: shortLeaseMs });
    const living = [startWorker(), startWorker(), startWorker()];
    const killed: Child[] = [];
    const sender = harness.startSender("a", { pauseMs: 20 });
    for (let kill = 0; kill < 5; kill++) {
      const [victim] = living.splice(Math.floor(random() * living.length), 1, startWorker());
      await victim?.says("done", 1 + Math.floor(random() * 100));
      victim?.kill("SIGKILL");
      if (victim) killed.push(victim);
    }
    sender.tell("stop");
    expect(await sender.ends()).toEqual(wellEnded);
    await harness.expectAllDone([sender], [...living, ...killed]);
    await harness.untilEmpty(living); // what was done and not yet acknowledged comes once more
    await harness.stopWorkers(living);
    const runs = [...living, ...killed].flatMap((worker) => worker.said("done").map(([id, attempt]) => `${id}, attempt ${attempt}`));
    // Where a message is moved by a copy of it, one who dies before the first is gone leaves two jobs, which count each for itself.
    if (capabilitiesOf(await harness.open()).uniqueIds) expect(runs).toHaveLength(new Set(runs).size);
    expect((await harness.drain()).filter(({ crashes }) => crashes === 0)).toEqual([]);
  });

  harness.it("refuses the acknowledgement of a worker that stood still for longer than its lease", async () => {
    const queue = await harness.open();
    await Promise.all([queue.send(newJob("done")), queue.send(newJob("running"))]);
    const { spec } = harness;
    const watched = impatient && spec.engine !== "sqlite" ? { ...spec, connection: impatient(spec.connection) } : spec;
    const holder = harness.children.start("holder", watched, { count: 2, leaseMs: shortLeaseMs });
    await holder.says("held", 2);
    holder.kill("SIGSTOP");
    const again = await harness.claimAll(queue, 2, shortLeaseMs);
    const settle = (id: string) =>
      queue.claim({ limit: 0, leaseMs: shortLeaseMs, settle: again.filter((job) => job.id === id).map(acknowledge) });
    expect((await settle("done")).lost).toEqual([]);
    holder.kill("SIGCONT");
    holder.tell("acknowledge");
    expect(sorted((await holder.says("lost", 2)).flat())).toEqual(["done", "running"]);
    expect(await holder.ends()).toEqual(wellEnded);
    expect((await settle("running")).lost).toEqual([]);
    await harness.expectEmpty();
  });
}

function describeEnd(harness: ProcessHarness, { countConnections }: ProcessesUnderTest): void {
  harness.it("hands back at SIGTERM what a worker has not begun, and finishes what runs", async () => {
    const queue = await harness.open();
    for (let index = 0; index < 30; index++) await queue.send(newJob(`quick-${index}`)); // so that it fetches in advance
    for (let index = 0; index < 20; index++) await queue.send(newJob(`hold-${index}`, "hold"));
    const worker = harness.startWorker({ concurrency: 2 });
    await worker.says("holds", 2);
    await worker.says("done", 30);
    worker.kill("SIGTERM");
    const others = await harness.claimAll(queue, 18);
    expect(others.map(historyOf)).toEqual(others.map(() => "attempt 1, crashes 0"));
    worker.tell("finish");
    expect(await worker.ends()).toEqual(wellEnded);
    expect(Number(worker.said("closing")[0]?.[1])).toBeGreaterThan(0); // or nothing was handed back
    expect(worker.said("closed")).toEqual([["true"]]);
    const held = Array.from({ length: 20 }, (_, index) => `hold-${index}`);
    expect(sorted([...others.map(({ id }) => id), ...worker.ids("done").slice(30)])).toEqual(sorted(held));
    await queue.claim({ limit: 0, leaseMs: longLeaseMs, settle: others.map(acknowledge) });
    await harness.expectEmpty();
  });

  harness.it("leaves no connection when it has been closed, and nothing that keeps its process alive", async () => {
    const closer = harness.children.start("closer", harness.spec, { leaseMs: longLeaseMs });
    await closer.says("used");
    closer.tell("close");
    expect(await closer.says("left")).toEqual([["0"]]);
    if (countConnections) await until(async () => (await countConnections(harness.server.connection)) === 0);
    closer.tell("end");
    expect(await closer.ends()).toEqual(wellEnded);
  });
}
