import { mkdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { openDatabase, type SqlCommand, type SqliteDatabase } from "../../src/sqlite/index.ts";
import { applicationId, migrations } from "../../src/sqlite/migrations.ts";
import { runScript } from "./run-script.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const insertSql = "INSERT INTO jobs (id, handler, due_at, lease) VALUES (?, 'Work', ?, 0)";

function insert(...ids: readonly string[]): SqlCommand {
  return { statements: ids.map((id) => ({ sql: insertSql, params: [id, 0], get: "changes" })), durable: true };
}

function query(sql: string): SqlCommand {
  return { statements: [{ sql, params: [], get: "rows" }], durable: false };
}

describe("openDatabase", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let file: string;
  let database: SqliteDatabase;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    file = join(directory.path, "test.db");
    database = openDatabase({ file });
  });
  afterEach(async () => {
    await database.close();
    await directory.remove();
  });

  const storedIds = async () => (await database.execute(query("SELECT id FROM jobs ORDER BY id")))[0]?.rows.map(({ id }) => id);

  it("answers each command with its own results, together or one by one", async () => {
    const together = await Promise.all(["a", "b", "c"].map((id) => database.execute(insert(id))));
    expect(together.map(([result]) => result?.changes)).toEqual([1, 1, 1]);
    for (const id of ["d", "e", "f", "g", "h", "i"]) expect((await database.execute(insert(id)))[0]?.changes).toBe(1);
    expect(await storedIds()).toEqual(["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
  });

  it("runs commands that come together in few transactions", async () => {
    await database.execute(insert("first"));
    await Promise.all(Array.from({ length: 200 }, (_, index) => database.execute(insert(`job-${index}`))));
    const { size } = await stat(`${file}-wal`);
    // A transaction of its own would write at least three pages of 4 KiB for each job.
    expect(size).toBeLessThan(200 * 4_096);
  });

  it("rolls a failing command back alone", async () => {
    const calls = [insert("a"), insert("b", "a"), insert("c"), insert("d", "e")].map((command) => database.execute(command));
    const statuses = (await Promise.allSettled(calls)).map(({ status }) => status);
    expect(statuses).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(await storedIds()).toEqual(["a", "c", "d", "e"]);
  });

  it("rolls a failing command back when it is alone", async () => {
    await database.execute(insert("a"));
    for (let count = 0; count < 8; count++) {
      await expect(database.execute(insert(`b-${count}`, "a"))).rejects.toMatchObject({ code: "store_unavailable" });
    }
    expect(await storedIds()).toEqual(["a"]);
  });

  it("rejects what does not fit on a full disk, and goes on when there is room", async () => {
    const full = { statements: [{ sql: "PRAGMA max_page_count = 1", params: [], get: "rows" }], durable: false } as const;
    const [limited] = await database.execute(full);
    const body = new Uint8Array(100_000);
    const sql = "INSERT INTO job_bodies (head, body) VALUES ('', ?)";
    const store = () => database.execute({ statements: [{ sql, params: [body], get: "none" }], durable: true });
    expect(Number(limited?.rows[0]?.max_page_count)).toBeGreaterThan(1);
    const statuses = (await Promise.allSettled([store(), store(), store()])).map(({ status }) => status);
    expect(statuses).toEqual(["rejected", "rejected", "rejected"]);
    await Promise.all([database.execute(query("PRAGMA max_page_count = 100000")), database.execute(query("SELECT 1"))]);
    await Promise.all([store(), store()]);
    expect((await database.execute(query("SELECT count(*) AS total FROM job_bodies")))[0]?.rows).toMatchObject([{ total: 2 }]);
  });

  const storeBodies = (count: number, mebibytes: number): SqlCommand => {
    const body = new Uint8Array(mebibytes * 1024 * 1024);
    const statement = { sql: "INSERT INTO job_bodies (head, body) VALUES ('', ?)", params: [body], get: "none" } as const;
    return { statements: Array.from({ length: count }, () => statement), durable: false };
  };
  const logMebibytes = async () => (await stat(`${file}-wal`)).size / (1024 * 1024);

  it("keeps the log short where large commands come one by one", async () => {
    for (let count = 0; count < 100; count++) await database.execute(storeBodies(1, 1));
    expect(await logMebibytes()).toBeLessThan(60);
  });

  it("shortens the log again that a large transaction made long", async () => {
    await database.execute(storeBodies(10, 10));
    expect(await logMebibytes()).toBeGreaterThan(90);
    for (const id of ["a", "b", "c"]) await Promise.all([database.execute(insert(id)), database.execute(insert(`${id}2`))]);
    expect(await logMebibytes()).toBeLessThan(70);
  });

  it("takes what a database refuses that is open for a failure that may pass, and names the file", async () => {
    await database.execute(query("PRAGMA query_only = 1"));
    const failure = await database.execute(insert("a")).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "store_unavailable", message: expect.stringContaining(`${database.location}: `) });
  });

  const removeAll = () => Promise.all(["", "-wal", "-shm"].map((end) => rm(`${file}${end}`)));

  it.each([
    ["removed", removeAll],
    ["replaced", () => removeAll().then(() => rename(join(directory.path, "other.db"), file))],
  ])("says of nothing that it is stored in a file that was %s, and goes on in the new one", async (_, lose) => {
    const other = openDatabase({ file: join(directory.path, "other.db") });
    await other.execute(query("SELECT 1"));
    await other.close();
    for (const id of ["before", "too"]) await Promise.all([database.execute(insert(id)), database.execute(insert(`${id}2`))]);
    for (let count = 0; count < 8; count++) await database.execute(insert(`alone-${count}`));
    await lose();
    const stored: string[] = [];
    for (const id of ["a", "b", "c", "d"])
      await database.execute(insert(id)).then(
        () => stored.push(id),
        () => {},
      );
    expect(stored).toContain("d");
    const reader = new DatabaseSync(file);
    expect(
      reader
        .prepare("SELECT id FROM jobs ORDER BY id")
        .all()
        .map(({ id }) => id),
    ).toEqual(stored);
    reader.close();
  });

  it("works again when the directory is back that was removed", async () => {
    for (const id of ["a", "b"]) await Promise.all([database.execute(insert(id)), database.execute(insert(`${id}2`))]);
    await rm(directory.path, { recursive: true });
    for (let count = 0; count < 3; count++) {
      const calls = [database.execute(insert("c")), database.execute(insert("d"))];
      expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    }
    await mkdir(directory.path);
    expect((await Promise.all([database.execute(insert("e")), database.execute(insert("f"))])).map(([result]) => result?.changes)).toEqual([
      1, 1,
    ]);
    expect(await storedIds()).toEqual(["e", "f"]);
  });

  it("runs a long command in its thread, though a short one that is alone would not be", async () => {
    const pages = "PRAGMA wal_autocheckpoint"; // only the thread has any
    for (let count = 0; count < 4; count++) await database.execute(query(pages));
    expect((await database.execute(query(pages)))[0]?.rows).toMatchObject([{ wal_autocheckpoint: 0 }]);
    expect((await database.execute({ ...query(pages), isLong: true }))[0]?.rows).toMatchObject([{ wal_autocheckpoint: 4_000 }]);
  });

  it("is one database under all names that lead to it", async () => {
    await symlink("test.db", join(directory.path, "link.db"));
    const second = openDatabase({ file: join(directory.path, "link.db") });
    expect(second.location).toBe(database.location);
    let calls = 0;
    second.onJobs(() => calls++);
    database.announceJobs();
    expect(calls).toBe(1);
    await second.close();
  });

  it("waits for another process's lock", async () => {
    for (let count = 0; count < 8; count++) await database.execute(insert(`before-${count}`));
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const waiting = database.execute(insert("waiting"));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    other.exec("COMMIT");
    other.close();
    expect((await waiting)[0]?.changes).toBe(1);
  });

  it("shares one database among all who open the same file, until the last lets go", async () => {
    const second = openDatabase({ file });
    const third = database.share();
    await database.execute(insert("a"));
    await database.close();
    await second.execute(insert("b"));
    await second.close();
    expect((await third.execute(query("SELECT count(*) AS total FROM jobs")))[0]?.rows).toMatchObject([{ total: 2 }]);
    await third.close();
  });

  it("finishes what is under way before it closes, and then rejects", async () => {
    const calls = Promise.allSettled([database.execute(insert("a")), database.execute(insert("b"))]);
    await Promise.all([database.close(), database.close()]);
    expect((await calls).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    await expect(database.execute(insert("c"))).rejects.toMatchObject({ code: "closed" });
    expect(() => database.share()).toThrow(expect.objectContaining({ code: "closed" }));
  });

  it("refuses a database that a newer version wrote, and leaves it alone", async () => {
    const newer = new DatabaseSync(file);
    newer.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length + 1}`);
    newer.close();
    await expect(database.execute(insert("a"))).rejects.toMatchObject({ code: "database_newer" });
  });

  it("refuses a SQLite file of another application, and leaves it alone", async () => {
    const foreign = new DatabaseSync(file);
    foreign.exec("CREATE TABLE theirs (x)");
    foreign.close();
    await expect(database.execute(insert("a"))).rejects.toMatchObject({ code: "invalid_options" });
    const again = new DatabaseSync(file);
    expect(again.prepare("SELECT name FROM sqlite_schema").all()).toMatchObject([{ name: "theirs" }]);
    again.close();
  });

  it("refuses a file that is no database", async () => {
    await writeFile(file, "x".repeat(10_000));
    await expect(database.execute(insert("a"))).rejects.toMatchObject({ code: "invalid_options" });
  });

  it("names a directory that does not exist, and works once it does not fail any more", async () => {
    const lost = openDatabase({ file: join(directory.path, "nowhere", "test.db") });
    const failure = await lost.execute(insert("a")).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "invalid_options", message: expect.stringContaining(join(directory.path, "nowhere")) });
    await lost.close();
  });

  it("refuses an in-memory database", () => {
    expect(() => openDatabase({ file: ":memory:" })).toThrow(expect.objectContaining({ code: "invalid_options" }));
    // A message that names the file would show the password.
    expect(() => openDatabase({ file: "mysql://app:secret@db/app" })).toThrow(
      expect.objectContaining({ code: "invalid_options", message: expect.not.stringContaining("secret") }),
    );
  });

  it("migrates once when ten processes start at the same time", async () => {
    await Promise.all(Array.from({ length: 10 }, (_, index) => runScript("migrate", file, `job-${index}`)));
    expect(await storedIds()).toHaveLength(10);
  });

  it("rejects what was pending when its thread ends, and starts another for the next command", async () => {
    const { stdout } = await runScript("crash", file);
    expect(JSON.parse(stdout)).toEqual({
      before: ["done", "done"],
      during: ["store_unavailable", "store_unavailable"],
      after: ["done"],
    });
  });

  it("does not keep a process alive, and prints no warning of SQLite's", async () => {
    const { stdout, stderr } = await runScript("idle", file);
    expect(stdout).toBe("done\n");
    expect(stderr).not.toContain("SQLite");
  });
});
