import { describe, expect, it } from "@jest/globals";
import { capabilitiesOf } from "../../src/queue/capabilities.ts";
import type { LeasedJob, Queue } from "../../src/queue/queue.ts";
import { until } from "../support/until.ts";
import { turns, WorkerHarness } from "./worker-harness.ts";

describe("a worker's limits between jobs", () => {
  const harness = new WorkerHarness();
  const names = () => [...harness.running.keys()].sort();
  const namesOf = (group: string) => names().filter((id) => id.startsWith(group));
  const sendAll = async (group: string, count: number) => {
    for (let index = 0; index < count; index++) await harness.send(`${group}-${index}`, group);
  };
  /** Lets time pass until something is so. */
  const whileTimePasses = (isSo: () => boolean | Promise<boolean>) =>
    until(async () => {
      await harness.clock.advance(1_000);
      return isSo();
    });

  it("has a failed job wait as long as it was told, though the clock was set while the queue was away", async () => {
    let isAway = false;
    const claim: Queue["claim"] = (options) => (isAway ? Promise.reject(new Error("away")) : harness.queue.claim(options));
    await harness.send("a");
    let attempts = 0;
    const process = async () => {
      isAway = ++attempts === 1;
      throw new Error("not yet");
    };
    harness.start(process, { engine: { claim }, backoff: () => 60_000 });
    await until(() => attempts === 1);
    await harness.clock.advance(10_000);
    harness.clock.jump(-24 * 60 * 60 * 1_000);
    isAway = false;
    await whileTimePasses(() => attempts === 2);
    expect((await harness.queue.list({ state: "open" })).jobs[0]?.attempts).toBe(2);
  });

  describe("the concurrency of a group", () => {
    const concurrencyOf = (group: string) => (group === "slow" ? 2 : Number.POSITIVE_INFINITY);

    it("is kept, while jobs of others run beside it and overtake", async () => {
      await sendAll("slow", 6);
      await sendAll("quick", 3);
      harness.startHolding({ concurrency: 5, concurrencyOf });
      await until(() => harness.running.size === 5);
      expect(names()).toEqual(["quick-0", "quick-1", "quick-2", "slow-0", "slow-1"]);
      harness.end("slow-0");
      await until(() => harness.begun.includes("slow-2"));
      expect(namesOf("slow")).toHaveLength(2);
    });

    it("does not keep others waiting behind many of the group", async () => {
      await sendAll("slow", 500);
      await harness.send("quick");
      harness.startHolding({ concurrency: 10, concurrencyOf });
      await until(() => harness.running.has("quick"));
      expect(namesOf("slow")).toHaveLength(2);
    });

    it("is kept on an engine that cannot pass over a group, and nothing is lost", async () => {
      const capabilities = { ...capabilitiesOf(harness.queue), exceptions: false };
      const claim: Queue["claim"] = ({ except: _, ...options }) => harness.queue.claim(options);
      await sendAll("slow", 30);
      await harness.send("quick");
      let most = 0;
      let now = 0;
      const process = async (job: LeasedJob) => {
        if (job.group === "slow") most = Math.max(most, ++now);
        await Promise.resolve();
        if (job.group === "slow") now--;
      };
      harness.start(process, { engine: { capabilities, claim }, concurrency: 4, concurrencyOf });
      await whileTimePasses(async () => (await harness.open()) === 0);
      expect(most).toBe(2);
    });

    it("has no job claimed and handed back again and again, though several groups are full", async () => {
      let claims = 0;
      const claim: Queue["claim"] = (options) => {
        claims++;
        return harness.queue.claim(options);
      };
      await sendAll("one", 7); // one runs, and more wait than half of the places are for
      await sendAll("two", 3);
      harness.startHolding({ engine: { claim }, concurrency: 10, concurrencyOf: () => 1 });
      await until(() => harness.running.size === 2);
      await turns(200);
      expect(claims).toBeLessThan(10);
      for (const id of ["one-0", "two-0", "two-1"]) {
        harness.end(id);
        await until(() => !harness.running.has(id) && harness.running.size === 2);
      }
      expect(names()).toEqual(["one-1", "two-2"]);
    });
  });

  describe("a job whose workers died twice", () => {
    const release = (jobs: readonly LeasedJob[]) => {
      const settle = jobs.map(({ id, lease }) => ({ id, lease, outcome: "release" }) as const);
      return harness.queue.claim({ limit: 0, leaseMs: 1_000, settle });
    };

    it("runs alone, and what was held beside it is handed back without a counted attempt", async () => {
      await harness.send("poison");
      await harness.crash(2);
      for (const id of ["a", "b", "c"]) await harness.send(id);
      harness.startHolding({ concurrency: 10 });
      await until(() => harness.running.has("poison"));
      expect(names()).toEqual(["poison"]);
      const other = await harness.queue.claim({ limit: 10, leaseMs: 1_000 });
      expect(other.jobs.map(({ id, attempt }) => [id, attempt])).toEqual([
        ["a", 1],
        ["b", 1],
        ["c", 1],
      ]);
      await release(other.jobs);
      harness.end("poison");
      await whileTimePasses(() => harness.running.size === 3);
    });

    it("waits until what runs has ended", async () => {
      await harness.send("poison");
      await harness.crash(2);
      const { jobs } = await harness.queue.claim({ limit: 1, leaseMs: 5_000 });
      await harness.send("long");
      const worker = harness.startHolding({ concurrency: 10 });
      await until(() => harness.running.has("long"));
      await release(jobs);
      await harness.send("next");
      await whileTimePasses(() => worker.status().buffered === 1);
      expect(harness.begun).toEqual(["long"]);
      harness.end("long");
      await until(() => harness.running.has("poison"));
      expect(harness.begun).toEqual(["long", "poison"]);
    });

    it("takes turns with the others, so that many of its kind do not keep them waiting", async () => {
      await sendAll("poison", 4);
      await harness.crash(2);
      await sendAll("other", 2);
      harness.startHolding({ concurrency: 10 });
      await until(() => harness.running.size === 1);
      expect(namesOf("poison")).toHaveLength(1);
      harness.end(harness.begun[0] ?? "");
      await until(() => harness.running.size === 2);
      expect(names()).toEqual(["other-0", "other-1"]);
      for (const id of ["other-0", "other-1"]) harness.end(id);
      await whileTimePasses(() => harness.begun.length === 4);
      expect(namesOf("poison")).toHaveLength(1);
    });

    it("is claimed with few others where there are many of its kind: each that is handed back costs the engine", async () => {
      await sendAll("poison", 40);
      await harness.crash(2);
      let handedBack = 0;
      const claim: Queue["claim"] = (options) => {
        handedBack += options.settle?.filter(({ outcome }) => outcome === "release").length ?? 0;
        return harness.queue.claim(options);
      };
      harness.start(() => Promise.resolve(), { engine: { claim }, concurrency: 40 });
      await until(async () => (await harness.open()) === 0);
      expect(handedBack).toBeLessThan(120); // the sum of the numbers below 40 is 780
    });

    it("stops nobody once another worker has it", async () => {
      let stolen: readonly LeasedJob[] = [];
      const renew: Queue["renew"] = async (leases) => leases.filter(({ id }) => id === "poison" && stolen.length > 0);
      await harness.send("poison");
      await harness.crash(2);
      const { jobs } = await harness.queue.claim({ limit: 1, leaseMs: 600_000 });
      await harness.send("long");
      const worker = harness.startHolding({ engine: { renew, watch: () => () => {} }, concurrency: 10, leaseMs: 6_000 });
      await until(() => harness.running.has("long"));
      await release(jobs);
      await whileTimePasses(() => worker.status().buffered === 1);
      stolen = jobs;
      await harness.send("next");
      await harness.clock.advance(5_000);
      expect(names()).toEqual(["long", "next"]);
    });

    it("is not begun once its lease may have run out", async () => {
      let isAway = false;
      const renew: Queue["renew"] = (...leases) => (isAway ? Promise.reject(new Error("away")) : harness.queue.renew(...leases));
      await harness.send("poison");
      await harness.crash(2);
      const { jobs } = await harness.queue.claim({ limit: 1, leaseMs: 600_000 });
      await harness.send("long");
      const worker = harness.startHolding({ engine: { renew }, concurrency: 10, leaseMs: 6_000 });
      await until(() => harness.running.has("long"));
      await release(jobs);
      await whileTimePasses(() => worker.status().buffered === 1);
      isAway = true;
      await harness.clock.advance(6_000);
      const [stolen] = (await harness.queue.claim({ limit: 1, leaseMs: 600_000 })).jobs;
      expect(stolen?.id).toBe("long"); // its lease has run out as well
      expect((await harness.queue.claim({ limit: 1, leaseMs: 600_000 })).jobs.map(({ id }) => id)).toEqual(["poison"]);
      harness.end("long");
      await turns(20);
      expect(harness.begun).toEqual(["long"]);
    });

    it("becomes a dead letter after its last attempt, and the others beside it do not", async () => {
      await harness.send("poison");
      for (const id of ["a", "b", "c"]) await harness.send(id);
      let runs = 0;
      const process = (job: LeasedJob) => (job.id === "poison" ? new Promise<void>(() => runs++) : Promise.resolve());
      // A process holds all of them and dies with the poison, again and again; where it is run alone, it dies alone.
      for (let attempt = 0; attempt < 12; attempt++) {
        const before = runs;
        const worker = harness.start(process, { maxAttempts: 4 });
        await whileTimePasses(async () => runs > before || (await harness.deadLetters()).length === 1);
        await worker.close({ graceMs: 0 }); // abandons what runs, as a crash does
        await harness.clock.advance(60_000);
      }
      expect((await harness.deadLetters()).map(({ id, attempts }) => [id, attempts])).toEqual([["poison", 5]]);
      expect(await harness.open()).toBe(0);
    });
  });
});
