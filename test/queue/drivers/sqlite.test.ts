import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { sqliteQueue } from "../../../src/queue/drivers/sqlite.ts";
import { openDatabase } from "../../../src/sqlite/index.ts";
import { temporaryDirectory } from "../../sqlite/temporary-directory.ts";
import { describeQueue, newJob } from "../conformance.ts";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

describeQueue("the SQLite queue", {
  open: async (clock) => {
    directory = await temporaryDirectory();
    return sqliteQueue({ file: join(directory.path, "queue.db"), clock });
  },
  cleanUp: () => directory.remove(),
});

describe("the SQLite queue on a file", () => {
  let file: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    file = join(directory.path, "queue.db");
  });
  afterEach(() => directory.remove());

  it("keeps every acknowledged job when its process is killed", async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      const sender = startSender(file, `round-${round}`);
      for await (const line of createInterface(sender.stdout)) {
        acknowledged.push(line);
        if (acknowledged.length % 40 === 0) sender.kill("SIGKILL");
      }
      if (sender.exitCode === null && sender.signalCode === null) await once(sender, "exit");
      expect(sender.signalCode).toBe("SIGKILL");
    }
    const queue = sqliteQueue({ file });
    const stored = new Set((await queue.list({ state: "open", limit: 10_000 })).jobs.map(({ id }) => id));
    await queue.close();
    expect(acknowledged.length).toBeGreaterThanOrEqual(120);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  });

  it("finds leases and dead letters again in another process's place", async () => {
    const first = sqliteQueue({ file });
    await Promise.all(["a", "b"].map((id) => first.send(newJob(id))));
    const { jobs } = await first.claim({ limit: 2, leaseMs: 60_000 });
    const settle = jobs.slice(0, 1).map(({ id, lease }) => ({ id, lease, outcome: "dead", reason: "bad" }) as const);
    await first.claim({ limit: 0, leaseMs: 60_000, settle });
    await first.close();
    const second = sqliteQueue({ file });
    expect((await second.claim({ limit: 2, leaseMs: 60_000 })).jobs).toEqual([]);
    expect((await second.list({ state: "dead" })).jobs).toMatchObject([{ id: "a", reason: "bad" }]);
    expect(await second.renew(jobs.slice(1), 60_000)).toEqual([]);
    await second.close();
  });

  it("hands each of 1,500 jobs to one of several processes", async () => {
    const queue = sqliteQueue({ file });
    await Promise.all(Array.from({ length: 1_500 }, (_, index) => queue.send(newJob(`job-${index}`))));
    const outputs = await Promise.all(Array.from({ length: 3 }, () => runToEnd("drain", file)));
    const seen = outputs.flatMap((output) => output.trim().split("\n").filter(Boolean));
    expect(seen).toHaveLength(1_500);
    expect(new Set(seen).size).toBe(1_500);
    expect((await queue.list({ state: "open", limit: 0 })).total).toBe(0);
    await queue.close();
  });

  it("leaves a database that it was given open", async () => {
    const database = openDatabase({ file });
    const queue = sqliteQueue({ database });
    await queue.send(newJob("a"));
    await queue.close();
    const again = sqliteQueue({ database });
    expect((await again.list({ state: "open" })).total).toBe(1);
    await Promise.all([again.close(), database.close()]);
  });

  it("says that the queue is unavailable where the database fails", async () => {
    const database = openDatabase({ file });
    const queue = sqliteQueue({ database });
    await database.execute({ statements: [{ sql: "DROP TABLE job_bodies", params: [], get: "none" }], durable: true });
    await expect(queue.send(newJob("a"))).rejects.toMatchObject({ code: "queue_unavailable", status: 503 });
    await Promise.all([queue.close(), database.close()]);
  });
});

function scriptPath(name: string): string {
  return fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
}

async function runToEnd(name: string, file: string): Promise<string> {
  return (await promisify(execFile)(process.execPath, [scriptPath(name), file], { maxBuffer: 10_000_000 })).stdout;
}

function startSender(file: string, prefix: string) {
  const args = ["--disable-warning=ExperimentalWarning", scriptPath("sender"), file, prefix];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}
