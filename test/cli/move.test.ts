import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type PostgresQueue, postgresQueue } from "../../src/queue/drivers/postgres.ts";
import { sqliteQueue } from "../../src/queue/drivers/sqlite.ts";
import type { LeasedJob, NewJob, Queue, Settlement } from "../../src/queue/queue.ts";
import { postgresStore } from "../../src/store/drivers/postgres.ts";
import { sqliteStore } from "../../src/store/drivers/sqlite.ts";
import { dropSchema, newPool, newSchema, urlWith } from "../postgres/schema.ts";
import { temporaryDirectory } from "../sqlite/temporary-directory.ts";
import { describeWith, isServiceThere } from "../support/services.ts";
import { run } from "./run.ts";

const hourMs = 3_600_000;
const deliveryKey = { receiver: "github", id: "", deliveryId: "d", bodyChecksum: 7 };
const job = (id: string, members: Partial<NewJob> = {}): NewJob => ({ id, handler: "Work", head: "{}", body: Buffer.from(id), ...members });
const inOrder = (key: string, afterDead: "wait" | "continue" = "continue") => ({ ordering: { key, afterDead } });
const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);
const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });
const dead = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "dead", reason: "broken\0 for good" });
const claim = (queue: Queue, options: Partial<Parameters<Queue["claim"]>[0]> = {}) =>
  queue.claim({ limit: 1_000, leaseMs: 60_000, ...options });

describeWith("postgres", await isServiceThere("postgres"), "hookwright move", () => {
  const pool = newPool();
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let file: string;
  let schema: string;
  const closing: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    directory = await temporaryDirectory();
    file = join(directory.path, "webhooks.db");
    schema = newSchema();
  });
  afterEach(async () => {
    for (const each of closing.splice(0)) await each.close();
    await dropSchema(pool, schema);
    await directory.remove();
  });
  afterAll(() => pool.end());

  const opened = <Closable extends { close(): Promise<void> }>(closable: Closable): Closable => {
    closing.push(closable);
    return closable;
  };
  const inFile = () => opened(sqliteQueue({ file }));
  const inServer = (): PostgresQueue => opened(postgresQueue({ connection: urlWith({}), schema }));
  const fill = async (work: (queue: Queue) => Promise<unknown>) => {
    const queue = sqliteQueue({ file });
    await work(queue);
    await queue.close();
  };
  const move = (...more: readonly string[]) =>
    run("src/cli/main.ts", ["move", "--from", file, "--schema", schema, ...more], { HOOKWRIGHT_POSTGRES_URL: urlWith({}) });
  const moveAsJson = async () => {
    const { code, stdout, stderr } = await move("--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout);
  };
  const killAt = (step: string) => run("test/cli/move-killed.ts", [file, urlWith({}), schema, step]);
  const isSchemaThere = async () => (await pool.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema])).rowCount === 1;

  it("moves jobs byte for byte, ids with NUL and bodies of any bytes among them", async () => {
    const any = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const jobs = [
      job("a\0b", { head: 'h\0"\u0010\u{1f600}', body: any, group: "gr\u0010oup" }),
      job("large", { body: randomBytes(1024 * 1024) }),
      job("empty", { body: new Uint8Array() }),
      job(`long ${"x".repeat(5_000)}`),
    ];
    await fill(async (queue) => {
      for (const each of jobs) await queue.send(each);
    });
    expect(await moveAsJson()).toMatchObject({ moved: { jobs: 4 }, left: { jobs: 0 } });
    const claimed = (await claim(inServer())).jobs;
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
    await fill(async (queue) => {
      await queue.send(job("delayed", { dueAt }));
      for (const id of ["failing", "crashed", "held"]) await queue.send(job(id));
      const [failing, , held] = (await claim(queue, { leaseMs: 1 })).jobs;
      await claim(queue, { limit: 0, settle: [{ ...failing!, outcome: "retry", dueAt, reason: "it failed" }] });
      await queue.renew([held!], hourMs);
    });
    await moveAsJson();
    const queue = inServer();
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
    await fill((queue) => queue.send(job("delayed", { dueAt })));
    await moveAsJson();
    const { rows } = await pool.query(`SELECT extract(epoch FROM due_at) * 1000 AS due_ms FROM "${schema}".jobs`);
    expect(Math.abs(Number(rows[0].due_ms) - dueAt.getTime())).toBeLessThan(1_000); // the server's clock is this machine's
  });

  it("keeps the order of an ordering key", async () => {
    await fill(async (queue) => {
      for (const id of ["1", "2", "3"]) await queue.send(job(id, inOrder("key\0")));
      await queue.send(job("free"));
    });
    await moveAsJson();
    const queue = inServer();
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
    await fill(async (queue) => {
      for (const id of ["held up by", "held up"]) await queue.send(job(id, inOrder("waits", "wait")));
      for (const id of ["passed", "passing"]) await queue.send(job(id, inOrder("goes on")));
      await queue.send(job("alone"));
      const { jobs } = await claim(queue);
      await claim(queue, { limit: 0, settle: jobs.map(dead) });
    });
    await moveAsJson();
    const queue = inServer();
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
    await fill(async (queue) => {
      for (const id of ["1", "2"]) await queue.send(job(id, inOrder("key", "wait")));
      await claim(queue, { limit: 0, settle: (await claim(queue)).jobs.map(dead) });
    });
    const queue = inServer();
    await queue.send(job("0", inOrder("key", "wait")));
    const first = (await claim(queue)).jobs;
    await moveAsJson();
    expect(idsOf((await claim(queue, { settle: first.map(acknowledge) })).jobs)).toEqual([]);
    expect(await queue.purge("all")).toBe(1);
    expect(idsOf((await claim(queue)).jobs)).toEqual(["2"]);
  });

  it("moves what the store keeps", async () => {
    const letter = { ...job("letter\0"), attempts: 3, reason: "no", deadAt: new Date(5_000) };
    const waiting = job("waiting", { dueAt: new Date(9_000), group: "g", ...inOrder("key", "wait") });
    const source = sqliteStore({ file });
    await source.acceptDelivery({ key: deliveryKey, claim: undefined, retentionMs: hourMs, jobs: [waiting], leaseMs: 0, to: "outbox" });
    await source.bodies.put("body\0", Buffer.from([0, 255, 0]));
    await source.deadLetters.add(letter);
    await source.close();
    expect(await moveAsJson()).toMatchObject({ moved: { deliveries: 1, outbox: 1, bodies: 1, deadLetters: 1 } });
    const store = opened(postgresStore({ connection: urlWith({}), schema }));
    expect(await store.claimDelivery(deliveryKey, { leaseMs: 1_000 })).toEqual({ state: "done", sameBody: true });
    expect(await store.outbox.take({ limit: 5, leaseMs: 1_000 })).toEqual([waiting]);
    expect((await store.bodies.get(["body\0"])).get("body\0")).toEqual(Buffer.from([0, 255, 0]));
    expect((await store.deadLetters.list({ limit: 5 })).letters).toEqual([letter]);
    const { rows } = await pool.query(`SELECT expires_at FROM "${schema}".deliveries`);
    expect(Math.abs(Number(rows[0].expires_at) - Date.now() - hourMs)).toBeLessThan(60_000);
  });

  it("leaves what PostgreSQL has already, and counts it", async () => {
    await fill(async (queue) => {
      await queue.send(job("both", { head: "file" }));
      await queue.send(job("new"));
    });
    const queue = inServer();
    await queue.send(job("both", { head: "server" }));
    expect(await moveAsJson()).toMatchObject({ moved: { jobs: 1 }, alreadyThere: { jobs: 1 }, left: { jobs: 0 } });
    expect((await queue.list({ state: "open" })).jobs).toMatchObject([{ id: "both", head: "server" }, { id: "new" }]);
  });

  it("moves what has come since when it is run again", async () => {
    await fill((queue) => queue.send(job("first")));
    await moveAsJson();
    await fill((queue) => queue.send(job("second")));
    expect(await moveAsJson()).toMatchObject({ found: { jobs: 1 }, moved: { jobs: 1 } });
    expect(await moveAsJson()).toMatchObject({ found: { jobs: 0 }, moved: { jobs: 0 } });
    expect(idsOf((await claim(inServer())).jobs)).toEqual(["first", "second"]);
  });

  describe.each(["listed", "copying jobs", "copying deliveries", "copied", "committed", "deleted"])("killed when it has %s", (step) => {
    it("loses nothing and doubles nothing when it is run again, nor what has changed meanwhile", async () => {
      const count = 2_500;
      const wanted = Array.from({ length: count }, (_, index) => `job ${index}`);
      const source = sqliteStore({ file });
      await source.acceptDelivery({ key: deliveryKey, claim: undefined, retentionMs: hourMs, jobs: [], leaseMs: 0, to: "queue" });
      await source.close();
      await fill((queue) => Promise.all(wanted.map((id, index) => queue.send(job(id, index % 2 ? inOrder(`key ${index % 10}`) : {})))));
      expect(await killAt(step)).toMatchObject({ signal: "SIGKILL" });
      const wasCommitted = step === "committed" || step === "deleted";

      // A worker that still lives ends the last job of the file; the next one that is sent gets its number.
      const sqlite = new DatabaseSync(file);
      sqlite.exec("DELETE FROM jobs WHERE seq = (SELECT max(seq) FROM jobs)");
      sqlite.close();
      await fill((queue) => queue.send(job("came later")));

      expect(await moveAsJson()).toMatchObject({ finishedEarlier: wasCommitted, left: { jobs: 0, deliveries: 0 } });
      const { rows } = await pool.query(`SELECT id FROM "${schema}".job_contents JOIN "${schema}".jobs USING (seq) ORDER BY id`);
      const expected = [...(wasCommitted ? wanted : wanted.slice(0, -1)), "came later"].sort();
      expect(rows.map(({ id }) => id).sort()).toEqual(expected);
      const remembered = await pool.query(`SELECT FROM "${schema}".deliveries`);
      expect(remembered.rowCount).toBe(1);
      const after = new DatabaseSync(file);
      expect(after.prepare("SELECT name FROM sqlite_schema WHERE name IN ('moves', 'moving')").all()).toEqual([]);
      after.close();
    }, 60_000);
  });

  const storedIds = async () => {
    const { rows } = await pool.query(`SELECT id FROM "${schema}".job_contents JOIN "${schema}".jobs USING (seq) ORDER BY seq`);
    return rows.map(({ id }) => String(id));
  };

  it("loses nothing that is accepted while it runs, and keeps its order", async () => {
    const accepted = ["0"];
    await fill((queue) => queue.send(job("0", inOrder("key"))));
    const queue = sqliteQueue({ file });
    let isOver = false;
    const moving = move("--json").finally(() => {
      isOver = true;
    });
    for (let next = 1; !isOver; next++) {
      await queue.send(job(String(next), inOrder("key"))).then(
        () => accepted.push(String(next)),
        () => {}, // locked for too long: the sender knows
      );
    }
    expect(await moving).toMatchObject({ code: 0 });
    await queue.close();
    expect(accepted.length).toBeGreaterThan(1);
    expect(await moveAsJson()).toMatchObject({ left: { jobs: 0 } });
    expect(await storedIds()).toEqual(accepted);
  }, 60_000);

  it("moves everything once where two run at the same time", async () => {
    const wanted = Array.from({ length: 2_000 }, (_, index) => `job ${index}`);
    await fill((queue) => Promise.all(wanted.map((id) => queue.send(job(id)))));
    await Promise.all([move(), move()]); // the second waits, and then finds nothing, or says that the first is running
    await moveAsJson();
    expect(await storedIds()).toEqual(wanted);
  }, 60_000);

  it("refuses another target while a move is unfinished, and takes any when it has surely brought nothing", async () => {
    await fill((queue) => queue.send(job("one")));
    await killAt("committed");
    const other = newSchema();
    const elsewhere = ["--schema", other] as const;
    expect(await move(...elsewhere)).toMatchObject({ code: 1, stderr: expect.stringContaining("unfinished move") });
    expect((await pool.query(`SELECT FROM "${other}".jobs`)).rowCount).toBe(0);
    await dropSchema(pool, other);
    expect(await moveAsJson()).toMatchObject({ finishedEarlier: true, moved: { jobs: 0 } });
  });

  it("leaves the file as it was where PostgreSQL refuses, and can then go elsewhere", async () => {
    await fill((queue) => queue.send(job("one")));
    await inServer().list({ state: "open", limit: 0 });
    await pool.query(`ALTER TABLE "${schema}".jobs ADD CONSTRAINT nothing CHECK (false)`);
    expect(await move()).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing") });
    expect((await inFile().list({ state: "open" })).jobs).toMatchObject([{ id: "one" }]);
    expect((await pool.query(`SELECT FROM "${schema}".job_contents`)).rowCount).toBe(0);
    await dropSchema(pool, schema);
    expect(await moveAsJson()).toMatchObject({ moved: { jobs: 1 } });
  });

  it("says what it would move, and changes nothing", async () => {
    await fill((queue) => queue.send(job("one")));
    const before = createHash("sha256").update(readFileSync(file)).digest("hex");
    expect(await move("--dry-run")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("jobs: 1") });
    expect(createHash("sha256").update(readFileSync(file)).digest("hex")).toBe(before);
    expect(await isSchemaThere()).toBe(false);
  });

  it("says what it found, what it moved and what to do next", async () => {
    await fill((queue) => queue.send(job("one")));
    const { code, stdout } = await move();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^From .+ to postgres:\/\/.+Found:\n {2}jobs: 1\nMoved:\n {2}jobs: 1\nNext: /s);
  });

  it.each([
    ["a file that is missing", () => {}, "does not exist"],
    ["an empty file", () => writeFileSync(file, ""), "is not a Hookwright database"],
    ["a text", () => writeFileSync(file, "hello\n".repeat(1_000)), "is not a Hookwright database"],
    ["another database", () => withDatabase("CREATE TABLE jobs (id)"), "is not a Hookwright database"],
    ["a newer database", () => withDatabase(`PRAGMA application_id = ${0x486f6f6b}; PRAGMA user_version = 1000`), "knows"],
  ])("refuses %s, and touches nothing", async (_, make, text) => {
    make();
    const before = existsSync(file) ? readFileSync(file) : undefined;
    expect(await move()).toMatchObject({ code: 1, stderr: expect.stringContaining(text) });
    expect(existsSync(file) ? readFileSync(file) : undefined).toEqual(before);
    expect(await isSchemaThere()).toBe(false);
  });

  it("refuses a file that another process writes to for long", async () => {
    await fill((queue) => queue.send(job("one")));
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    expect(await move("--json")).toMatchObject({ code: 1, stderr: expect.stringContaining("writes to the file, stop it") });
    other.close();
  }, 30_000);

  it("shows no password", async () => {
    await fill((queue) => queue.send(job("one")));
    const to = new URL(urlWith({ port: "1" }));
    to.password = "hunter2";
    const { code, stdout, stderr } = await move("--to", to.href, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "store_unavailable" } });
    expect(stdout + stderr).not.toContain("hunter2");
    expect((await move("--to", to.href)).stdout).not.toContain("hunter2");
  });

  function withDatabase(sql: string): void {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  }
});
