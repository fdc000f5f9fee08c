import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { memoryQueue } from "../../../src/queue/drivers/memory.ts";
import { sqliteQueue } from "../../../src/queue/drivers/sqlite.ts";
import type { LeasedJob, Queue, Settlement } from "../../../src/queue/queue.ts";
import { openDatabase } from "../../../src/sqlite/index.ts";
import { type ControllableClock, controllableClock } from "../../../src/testing/clock.ts";
import { temporaryDirectory } from "../../sqlite/temporary-directory.ts";
import { newJob } from "../conformance.ts";

const dayMs = 86_400_000;
const leaseMs = 60_000;
const ids = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

const openers = {
  memory: (clock: ControllableClock) => memoryQueue({ clock }),
  SQLite: (clock: ControllableClock) => sqliteQueue({ file: join(directory.path, "queue.db"), clock }),
};

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.remove());

describe.each(Object.entries(openers))("the %s queue, when the clock is set", (_, open) => {
  it.each([dayMs, -dayMs])("neither ends nor prolongs a lease: by %d ms", async (jumpMs) => {
    const clock = controllableClock();
    const queue = open(clock);
    await queue.send(newJob("a"));
    const [job] = (await queue.claim({ limit: 1, leaseMs })).jobs;
    clock.jump(jumpMs);
    await clock.advance(leaseMs - 1);
    expect((await queue.claim({ limit: 1, leaseMs })).jobs).toEqual([]);
    expect(await queue.renew([job!], leaseMs)).toEqual([]);
    clock.jump(-2 * jumpMs);
    await clock.advance(leaseMs);
    expect((await queue.claim({ limit: 1, leaseMs })).jobs).toMatchObject([{ id: "a", attempt: 2, crashes: 1 }]);
    await queue.close();
  });

  it.each([dayMs, -dayMs])("neither delays a job nor wakes it early: by %d ms", async (jumpMs) => {
    const clock = controllableClock();
    const queue = open(clock);
    const inMs = (ms: number) => new Date(clock.now().getTime() + ms);
    await queue.send(newJob("before", { dueAt: inMs(10_000) }));
    clock.jump(jumpMs);
    await queue.send(newJob("after", { dueAt: inMs(20_000) }));
    await queue.send(newJob("now"));
    expect(await queue.claim({ limit: 9, leaseMs })).toMatchObject({ jobs: [{ id: "now" }], nextDueAt: inMs(10_000) });
    await clock.advance(9_999);
    expect((await queue.claim({ limit: 9, leaseMs })).jobs).toEqual([]);
    await clock.advance(1);
    const { jobs } = await queue.claim({ limit: 9, leaseMs });
    expect(ids(jobs)).toEqual(["before"]);
    const [listed] = (await queue.list({ state: "open" })).jobs.filter(({ id }) => id === "after");
    expect(listed?.dueAt).toEqual(inMs(10_000));
    const { id, lease } = jobs[0]!;
    await queue.claim({ limit: 0, leaseMs, settle: [{ id, lease, outcome: "dead", reason: "x" }] });
    expect((await queue.list({ state: "dead" })).jobs[0]?.deadAt).toEqual(clock.now());
    await queue.close();
  });
});

it("several holds on one file agree though one was opened after the clock was set", async () => {
  const clock = controllableClock();
  const database = openDatabase({ file: join(directory.path, "queue.db") });
  const first = sqliteQueue({ database, clock });
  await first.send(newJob("a"));
  await first.claim({ limit: 1, leaseMs });
  clock.jump(dayMs);
  const second = sqliteQueue({ database, clock });
  expect((await second.claim({ limit: 1, leaseMs })).jobs).toEqual([]);
  await second.send(newJob("b"));
  expect(ids((await first.claim({ limit: 1, leaseMs })).jobs)).toEqual(["b"]);
  await Promise.all([first.close(), second.close(), database.close()]);
});

describe("the embedded queues", () => {
  it.each(Array.from({ length: 12 }, (_, index) => 7_919 * (index + 1)))("agree on every step of a random walk: %d", async (seed) => {
    const walk = new Walk(seed);
    await walk.run(150);
    await walk.drain();
    await walk.close();
  });
});

/** Two queues that are told the same. What they answer is compared, and kept to settle later. */
class Walk {
  readonly #random: (below: number) => number;
  readonly #clock = controllableClock();
  readonly #queues: readonly [Queue, Queue] = [openers.memory(this.#clock), openers.SQLite(this.#clock)];
  /** What was handed out, by both. Some of it has passed on to another hold. */
  #held: (readonly [LeasedJob, LeasedJob])[] = [];
  #sent = 0;

  constructor(seed: number) {
    this.#random = generator(seed);
  }

  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) await this.#step(this.#random(20));
  }

  /** Whatever waits must come in the end: until nothing is open, and no key before its turn. */
  async drain(): Promise<void> {
    await this.#both((queue) => queue.purge("all"));
    for (let round = 0; ((await this.#queues[1].list({ state: "open", limit: 0 })).total ?? 0) > 0; round++) {
      if (round > 500) throw new Error("a job waits for ever");
      await this.#clock.advance(leaseMs);
      await this.#claim(100, []);
      await this.#settle("acknowledge", this.#held.length);
    }
    expect(await this.#both((queue) => queue.list({ state: "open" }))).toEqual({ jobs: [], total: 0 });
  }

  async close(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close()));
  }

  async #step(choice: number): Promise<void> {
    if (choice < 6) return this.#send();
    if (choice < 11) return this.#claim(this.#random(4), this.#random(3) === 0 ? ["g1"] : []);
    if (choice < 13) return this.#settle("acknowledge", 2);
    if (choice < 16) return this.#settle(["retry", "release", "dead"][choice - 13] as Settlement["outcome"], 1);
    if (choice === 16) return this.#clock.advance(leaseMs);
    if (choice === 17) return void (await this.#both((queue) => queue.retry("all")));
    const some = Array.from({ length: 3 }, () => `job-${this.#random(this.#sent + 1)}`);
    await this.#both((queue) => (choice === 18 ? queue.retry(some) : queue.purge(some)));
  }

  async #send(): Promise<void> {
    const key = ["k1", "k2", "k3", undefined][this.#random(4)];
    const ordering = key === undefined ? {} : { ordering: { key, afterDead: this.#random(2) === 0 ? "wait" : "continue" } as const };
    const dueAt = this.#random(4) === 0 ? { dueAt: new Date(this.#clock.now().getTime() + this.#random(3) * 1_000) } : {};
    const job = newJob(`job-${this.#sent++}`, { group: `g${this.#random(3)}`, ...ordering, ...dueAt });
    await this.#both((queue) => queue.send(job));
  }

  async #claim(limit: number, except: readonly string[]): Promise<void> {
    const [memory, sqlite] = await Promise.all(this.#queues.map((queue) => queue.claim({ limit, leaseMs, except })));
    const seen = (jobs: readonly LeasedJob[] = []) => jobs.map(({ lease: _, body: __, ...rest }) => rest);
    expect(seen(sqlite?.jobs)).toEqual(seen(memory?.jobs));
    for (const [index, job] of (memory?.jobs ?? []).entries()) this.#held.push([job, sqlite!.jobs[index]!]);
  }

  /** Settles some of what was handed out, now and then under a lease that has passed on; both must say which. */
  async #settle(outcome: Settlement["outcome"], count: number): Promise<void> {
    const chosen = Array.from({ length: count }, () => this.#held.splice(this.#random(this.#held.length), 1)[0]).filter((each) => !!each);
    const dueAt = new Date(this.#clock.now().getTime() + this.#random(3) * 1_000);
    const end = ({ id, lease }: LeasedJob) => ({ id, lease, outcome, dueAt, reason: "x" }) as Settlement;
    const results = await Promise.all(
      this.#queues.map((queue, which) => queue.claim({ limit: 0, leaseMs, settle: chosen.map((each) => end(each[which]!)) })),
    );
    expect(ids(results[1]!.lost)).toEqual(ids(results[0]!.lost));
  }

  async #both<T>(ask: (queue: Queue) => Promise<T>): Promise<T> {
    const [memory, sqlite] = await Promise.all([ask(this.#queues[0]), ask(this.#queues[1])]);
    expect(sqlite).toEqual(memory);
    return memory;
  }
}

/** Numbers that look random and are the same for the same seed (the constants of Numerical Recipes). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
