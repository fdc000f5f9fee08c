import { hash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { sqliteQueue } from "../../src/queue/drivers/sqlite.ts";
import type { LeasedJob } from "../../src/queue/queue.ts";
import { applicationId, migrations } from "../../src/sqlite/migrations.ts";
import { controllableClock } from "../../src/testing/clock.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

describe("migrations", () => {
  it("are not edited once they have been released", () => {
    const released = ["c88df680b4f40e676e946261eda472fa22e1febf7e6081b291c17f0289a2fa68"];
    expect(migrations.slice(0, released.length).map((step) => hash("sha256", step))).toEqual(released);
  });
});

describe("a file that the first version wrote", () => {
  const start = Date.parse("2026-01-01T00:00:00Z");
  const leaseMs = 60_000;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let file: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    file = join(directory.path, "first.db");
    const first = new DatabaseSync(file);
    first.exec(`PRAGMA journal_mode = WAL; ${migrations[0]}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1`);
    const insert = first.prepare(
      "INSERT INTO jobs (id, handler, due_at, attempts, lease, reason, dead_at) VALUES (?, 'Work', ?, ?, ?, ?, ?)",
    );
    const insertBody = first.prepare("INSERT INTO job_bodies (seq, head, body) VALUES (?, '{}', ?)");
    for (const [id, dueAt, attempts, lease, reason, deadAt] of [
      ["due", start - 1_000, 0, 5, null, null],
      ["leased", start + leaseMs, 1, 7, null, null],
      ["dead", start - 1_000, 3, 9, "it failed", start - 1_000],
    ] as const) {
      const { lastInsertRowid } = insert.run(id, dueAt, attempts, lease, reason, deadAt);
      insertBody.run(lastInsertRowid, Buffer.from(id));
    }
    first.close();
  });
  afterEach(() => directory.remove());

  it("keeps its jobs, leases and dead letters", async () => {
    const clock = controllableClock(new Date(start));
    const queue = sqliteQueue({ file, clock });
    const claim = async () => (await queue.claim({ limit: 10, leaseMs })).jobs;
    const bodies = (jobs: readonly LeasedJob[]) => jobs.map(({ body }) => Buffer.from(body).toString());
    const [due, ...others] = await claim();
    expect(due).toMatchObject({ id: "due", group: "", attempt: 1, crashes: 0, lease: "1.6" });
    expect(others).toEqual([]);
    expect((await queue.list({ state: "dead" })).jobs).toMatchObject([
      { id: "dead", attempts: 3, reason: "it failed", deadAt: new Date(start - 1_000) },
    ]);
    expect(await queue.renew([{ id: "leased", lease: "2.7" }], leaseMs)).toEqual([]);
    await clock.advance(leaseMs);
    expect(bodies(await claim()).sort()).toEqual(["due", "leased"]);
    expect(await queue.retry("all")).toBe(1);
    expect(bodies(await claim())).toEqual(["dead"]);
    await queue.close();
  });
});
