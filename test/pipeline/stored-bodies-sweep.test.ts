import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ApplicationError } from "../../src/errors.ts";
import { withStoredBodies } from "../../src/pipeline/stored-bodies.ts";
import type { LeasedJob, Queue } from "../../src/queue/queue.ts";
import { memoryStore } from "../../src/store/drivers/memory.ts";
import { sqliteStore } from "../../src/store/drivers/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { type ControllableClock, controllableClock } from "../../src/testing/clock.ts";
import { narrowQueue } from "../queue/narrow-queue.ts";
import { temporaryDirectory } from "../sqlite/temporary-directory.ts";
import { newJob } from "../store/values.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { until } from "../support/until.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const keepMs = 10 * dayMs;
const leaseMs = 60_000;
const large = Buffer.alloc(2_000, 0xfe);

let clock: ControllableClock;
let engine: Queue;
let store: Store;
let queue: Queue;
let log: RecordingLogger;

function open(ofStore: Store): void {
  store = ofStore;
  engine = narrowQueue({ clock, largestJobBytes: 1_000, deadLetters: true });
  queue = withStoredBodies(engine, async () => store, { clock, keepMs, logger: log });
}

beforeEach(() => {
  clock = controllableClock();
  log = new RecordingLogger();
});
afterEach(async () => {
  await queue.close();
  await store.close();
});

/** What a worker does that finds nothing: it claims, hour after hour, but none of these groups. */
async function work(ms: number, except: readonly string[] = ["waiting"]): Promise<void> {
  for (let hours = 0; hours < ms / hourMs; hours++) {
    await queue.claim({ limit: 10, leaseMs, except });
    for (let steps = 0; steps < 4; steps++) await store.outbox.count(); // behind what the claim began
    await clock.advance(hourMs);
  }
}
const claim = async (): Promise<readonly LeasedJob[]> => (await queue.claim({ limit: 10, leaseMs })).jobs;
const send = (id: string, dueAt?: Date) => queue.send(newJob(id, { body: large, group: "waiting", ...(dueAt ? { dueAt } : {}) }));
const bodies = (jobs: readonly LeasedJob[]) => jobs.map(({ id, body }) => [id, Buffer.compare(body, large)]);
const isThere = async (id: string) => (await store.bodies.get([id])).size === 1;
const leaveBehind = (id: string) => store.bodies.put(id, large, { keepMs });

describe("the body of a job that is still to be done", () => {
  beforeEach(() => open(memoryStore({ clock })));

  it("is kept for as long as no worker runs", async () => {
    await send("a");
    await leaveBehind("orphan");
    await clock.advance(3_650 * dayMs);
    await work(dayMs);
    expect(bodies(await claim())).toEqual([["a", 0]]);
  });

  it("is kept until it is due, and for its term from then on", async () => {
    await send("a", new Date(clock.now().getTime() + 5 * keepMs));
    await leaveBehind("orphan");
    await work(5 * keepMs + keepMs / 2);
    expect(await isThere("orphan")).toBe(false);
    expect(bodies(await claim())).toEqual([["a", 0]]);
  });

  it("is kept when the job comes back after a long wait, as often as that happens", async () => {
    await send("a");
    for (let times = 0; times < 3; times++) {
      const [job] = await claim();
      const dueAt = new Date(clock.now().getTime() + 2 * keepMs);
      await queue.claim({ limit: 0, leaseMs, settle: [{ id: "a", lease: job!.lease, outcome: "retry", dueAt, reason: "not yet" }] });
      await work(2 * keepMs + dayMs);
    }
    expect(bodies(await claim())).toEqual([["a", 0]]);
  });

  it("is kept while it is a dead letter, and for half its term at least when that is retried", async () => {
    await send("a");
    const [job] = await claim();
    await queue.claim({ limit: 0, leaseMs, settle: [{ id: "a", lease: job!.lease, outcome: "dead", reason: "it failed" }] });
    for (let index = 0; index < 50; index++) {
      await queue.send(newJob(`small-${index}`));
      const settle = (await claim()).map(({ id, lease }) => ({ id, lease, outcome: "dead", reason: "x" }) as const);
      await queue.claim({ limit: 0, leaseMs, settle });
    }
    await work(10 * keepMs + 7 * hourMs);
    expect(await queue.retry(["a"])).toBe(1);
    await work(keepMs / 2 - 2 * dayMs);
    expect(bodies(await claim())).toEqual([["a", 0]]);
  });
});

describe("the body of a job that nobody has any more", () => {
  beforeEach(() => open(memoryStore({ clock })));

  it("is removed when jobs have been claimed for the length of its term, and not before", async () => {
    await leaveBehind("orphan");
    await work(keepMs - dayMs);
    expect(await isThere("orphan")).toBe(true);
    await work(3 * dayMs);
    expect(await isThere("orphan")).toBe(false);
    expect(log.lines).toMatchObject([{ level: "info", fields: { removed: 1 } }]);
  });

  it("is removed however many there are", async () => {
    for (let index = 0; index < 250; index++) await leaveBehind(`orphan-${index}`);
    await work(keepMs + 2 * dayMs);
    expect((await store.bodies.get(Array.from({ length: 250 }, (_, index) => `orphan-${index}`))).size).toBe(0);
  });

  it("stays where the search for what needs it was broken off by the closing", async () => {
    for (let index = 0; index < 100; index++) await queue.send(newJob(`dead-${index}`));
    const { jobs } = await queue.claim({ limit: 100, leaseMs });
    await queue.claim({ limit: 0, leaseMs, settle: jobs.map(({ id, lease }) => ({ id, lease, outcome: "dead", reason: "x" })) });
    await store.bodies.put("orphan", large, { keepMs: 1 });
    const list = engine.list;
    let pages = 0;
    const closing: Promise<void>[] = [];
    const listAndClose: Queue["list"] = (query) => {
      if (++pages === 2) closing.push(queue.close());
      return list(query);
    };
    Object.assign(engine, { list: listAndClose });
    await clock.advance(hourMs);
    await queue.claim({ limit: 1, leaseMs, except: ["waiting"] });
    await until(() => closing.length === 1);
    await Promise.all(closing);
    expect([pages, await isThere("orphan")]).toEqual([2, true]);
  });

  it("stays while the dead letters cannot be looked through, which is told once a day", async () => {
    await leaveBehind("orphan");
    const list = engine.list;
    Object.assign(engine, { list: () => Promise.reject(new ApplicationError("queue_unavailable")) });
    await work(2 * keepMs);
    expect(await isThere("orphan")).toBe(true);
    Object.assign(engine, { list });
    await work(2 * dayMs);
    expect(await isThere("orphan")).toBe(false);
    expect(log.complaints.length).toBeGreaterThan(0);
    expect(log.complaints.length).toBeLessThanOrEqual((2 * keepMs) / dayMs);
  });
});

describe("a body that a killed process left behind", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let file: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    file = join(directory.path, "store.db");
  });
  afterEach(() => directory.remove());

  const crash = async (place: "stored" | "sent") => {
    const script = fileURLToPath(new URL("./stored-bodies-crash.ts", import.meta.url));
    const child = spawn(process.execPath, [script, file, place, String(keepMs)], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = (await once(child.stdout ?? child, "data")) as [Buffer];
    child.kill("SIGKILL");
    await once(child, "exit");
    return said.toString().trim();
  };
  const keys = () => {
    const database = new DatabaseSync(file);
    const rows = database.prepare("SELECT id FROM bodies ORDER BY id").all();
    database.close();
    return rows.map(({ id }) => String(id).split("/")[0]);
  };

  it.each([
    ["before its job was in the queue", "stored"],
    ["after its job was acknowledged", "sent"],
  ] as const)(
    "%s is removed, and that of a job that waits is not",
    async (_, place) => {
      expect(await crash(place)).toBe("stopped");
      expect(keys()).toEqual(["lost"]);
      open(sqliteStore({ file, clock }));
      await work(keepMs / 2);
      await send("waits");
      expect(keys()).toEqual(["lost", "waits"]);
      for (let times = 0; times < 3; times++) {
        const [job] = await claim();
        await queue.claim({ limit: 0, leaseMs, settle: [{ id: job!.id, lease: job!.lease, outcome: "release" }] });
        await work(0.6 * keepMs);
      }
      expect(keys()).toEqual(["waits"]);
    },
    60_000,
  );
});
