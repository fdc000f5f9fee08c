import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "@jest/globals";
import { urlWith } from "../postgres/schema.ts";
import { describeWith, isServiceThere } from "../support/services.ts";
import { job, moveFixture } from "./move-fixture.ts";

describeWith("postgres", await isServiceThere("postgres"), "what hookwright move says", () => {
  const at = moveFixture();

  it("says what it would move, and changes nothing", async () => {
    await at.fill((queue) => queue.send(job("one")));
    const before = createHash("sha256").update(readFileSync(at.file)).digest("hex");
    expect(await at.move("--dry-run")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("jobs: 1") });
    expect(createHash("sha256").update(readFileSync(at.file)).digest("hex")).toBe(before);
    expect(await at.isSchemaThere()).toBe(false);
  });

  it("says what it found, what it moved and what to do next", async () => {
    await at.fill((queue) => queue.send(job("one")));
    const { code, stdout } = await at.move();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^From .+ to postgres:\/\/.+Found:\n {2}jobs: 1\nMoved:\n {2}jobs: 1\nNext: /s);
  });

  it.each([
    ["a file that is missing", () => {}, "does not exist"],
    ["an empty file", () => writeFileSync(at.file, ""), "is not a Hookwright database"],
    ["a text", () => writeFileSync(at.file, "hello\n".repeat(1_000)), "is not a Hookwright database"],
    ["another database", () => at.withDatabase("CREATE TABLE jobs (id)"), "is not a Hookwright database"],
    ["a newer database", () => at.withDatabase(`PRAGMA application_id = ${0x486f6f6b}; PRAGMA user_version = 1000`), "knows"],
  ])("refuses %s, and touches nothing", async (_, make, text) => {
    make();
    const before = existsSync(at.file) ? readFileSync(at.file) : undefined;
    expect(await at.move()).toMatchObject({ code: 1, stderr: expect.stringContaining(text) });
    expect(existsSync(at.file) ? readFileSync(at.file) : undefined).toEqual(before);
    expect(await at.isSchemaThere()).toBe(false);
  });

  it("refuses a file that another process writes to for long", async () => {
    await at.fill((queue) => queue.send(job("one")));
    const other = new DatabaseSync(at.file);
    other.exec("BEGIN IMMEDIATE");
    expect(await at.move("--json")).toMatchObject({ code: 1, stderr: expect.stringContaining("writes to the file, stop it") });
    other.close();
  }, 30_000);

  it("fails where something is left in the file, and says what to do", async () => {
    await at.fill((queue) => queue.send(job("one")));
    at.withDatabase(`CREATE TRIGGER writes AFTER DELETE ON jobs BEGIN
      INSERT INTO jobs (seq, id, handler, due_at, lease) VALUES (old.seq + 9, hex(randomblob(8)), 'Work', 0, 0);
      INSERT INTO job_bodies (seq, head, body) VALUES (old.seq + 9, '{}', x'');
    END`);
    const { code, stdout, stderr } = await at.move();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("is not empty: something writes to it") });
    expect(stdout).toMatch(/Moved:\n {2}jobs: 3\nStill in the file.+\n {2}jobs: 1\n$/s);
    const inJson = await at.move("--json");
    expect(inJson.code).toBe(1);
    expect(JSON.parse(inJson.stdout)).toMatchObject({ moved: { jobs: 3 }, left: { jobs: 1 } });
  });

  it("sees in a dry run that the schema cannot have its name", async () => {
    await at.fill((queue) => queue.send(job("one")));
    expect(await at.move("--dry-run", "--schema", "pg_mine")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("schema: expected"),
    });
  });

  it("shows no password", async () => {
    await at.fill((queue) => queue.send(job("one")));
    const to = new URL(urlWith({ port: "1" }));
    to.password = "hunter2";
    const { code, stdout, stderr } = await at.move("--to", to.href, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "store_unavailable" } });
    expect(stdout + stderr).not.toContain("hunter2");
    expect((await at.move("--to", to.href)).stdout).not.toContain("hunter2");
  });
});
