import { chmod, mkdir, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { openConnection } from "../../src/sqlite/connection.ts";
import { applicationId, migrations } from "../../src/sqlite/migrations.ts";
import { runScript } from "./run-script.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const options = { busyTimeoutMs: 0, checkpoints: true };

describe("openConnection", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let file: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    file = join(directory.path, "test.db");
  });
  afterEach(() => directory.remove());

  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  it("makes files that only their owner can read", async () => {
    const connection = openConnection(file, options);
    for (const each of [file, `${file}-wal`, `${file}-shm`]) expect(await modeOf(each)).toBe(0o600);
    connection.close();
  });

  it("does so at the end of a link that leads to no file yet", async () => {
    await symlink("target.db", file);
    const connection = openConnection(file, options);
    for (const each of ["target.db", "target.db-wal"]) expect(await modeOf(join(directory.path, each))).toBe(0o600);
    connection.close();
  });

  it("refuses a file that it may only read, and not the first job", async () => {
    openConnection(file, options).close();
    await chmod(file, 0o444);
    await chmod(directory.path, 0o777);
    const { stdout } = await runScript("read-only", file);
    expect(JSON.parse(stdout)).toEqual({ kind: "unopenable", message: `Cannot open ${file}: this process may not write to it.` });
  });

  it("says what is wrong with a path", async () => {
    await mkdir(file);
    expect(() => openConnection(file, options)).toThrow(`Cannot open ${file}: it is a directory.`);
    const lost = join(directory.path, "nowhere", "test.db");
    expect(() => openConnection(lost, options)).toThrow(`the directory ${join(directory.path, "nowhere")} does not exist; create it.`);
  });

  it("waits for a lock once, not at every try", () => {
    const other = new DatabaseSync(file);
    other.exec(`PRAGMA journal_mode = WAL; ${migrations[0]}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1`);
    other.exec("BEGIN IMMEDIATE");
    const start = performance.now();
    expect(() => openConnection(file, { busyTimeoutMs: 400, checkpoints: true })).toThrow("locked");
    expect(performance.now() - start).toBeLessThan(10_000);
    other.close();
  });
});
