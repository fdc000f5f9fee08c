import { execFile } from "node:child_process";
import { hash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "@jest/globals";
import { openPostgres } from "../../src/postgres/index.ts";
import { migrations as postgresSteps } from "../../src/postgres/migrations.ts";
import { applicationId, migrations as sqliteSteps } from "../../src/sqlite/migrations.ts";
import { sqliteStore } from "../../src/store/drivers/sqlite.ts";
import { fingerprint } from "../../src/store/sql/fingerprint.ts";
import { temporaryDirectory } from "../sqlite/temporary-directory.ts";
import { describeWith, isServiceThere, serviceUrl } from "../support/services.ts";
import { deliveryKey } from "./values.ts";

/** Runs the script in ten processes at once; answers what each said. */
async function acceptInTenProcesses(place: string, schema = ""): Promise<readonly string[]> {
  const script = fileURLToPath(new URL("./drivers/accept.ts", import.meta.url));
  const run = async (index: number) => (await promisify(execFile)(process.execPath, [script, place, schema, `job-${index}`])).stdout.trim();
  return (await Promise.all(Array.from({ length: 10 }, (_, index) => run(index)))).sort();
}

const oneAccepted = ["accepted", ...Array.from({ length: 9 }, () => "done")];

describe("the tables of the store", () => {
  it("are made by steps that are not edited once they have been released", () => {
    expect([sqliteSteps[2], postgresSteps[1], sqliteSteps[3], postgresSteps[2]].map((step = "") => hash("sha256", step))).toEqual([
      "29bcf0bc975084cbd8d7316f661e736c25313b88290c47a19d9e495516734eb9",
      "fc1ada8844977d19ad63653cd5029f01756387d76c07550b9c2da5209da082ce",
      "2d099787b2f6fdde076e006a68f3c6f8392852c0c47c6e87f0fd268ce82167bc",
      "e7fd6256104fdbe0d3c3b99ae05cd4b10cd88e3f4016a2bf41608e2bee382709",
    ]);
  });
});

describe("the tables of the store in SQLite", () => {
  it("are made once by ten processes that start at the same time, one of which accepts a delivery", async () => {
    const directory = await temporaryDirectory();
    expect(await acceptInTenProcesses(join(directory.path, "store.db"))).toEqual(oneAccepted);
    await directory.remove();
  });

  it("keep what the first version recorded", async () => {
    const directory = await temporaryDirectory();
    const file = join(directory.path, "first.db");
    const first = new DatabaseSync(file);
    first.exec(`PRAGMA journal_mode = WAL; ${sqliteSteps[0]}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1`);
    const { bodyChecksum } = deliveryKey();
    first.prepare("INSERT INTO deliveries VALUES (?, ?, ?)").run(fingerprint(deliveryKey()), bodyChecksum, Date.now() + 3_600_000);
    first.close();
    const store = sqliteStore({ file });
    expect(await store.claimDelivery(deliveryKey(), { leaseMs: 1_000 })).toEqual({ state: "done", sameBody: true });
    expect(await store.outbox.count()).toBe(0);
    await store.close();
    await directory.remove();
  });
});

describe("bodies that were stored when they had no term", () => {
  it("are there after the migration, and get a term", async () => {
    const directory = await temporaryDirectory();
    const file = join(directory.path, "third.db");
    const third = new DatabaseSync(file);
    third.exec(`PRAGMA journal_mode = WAL; ${sqliteSteps.slice(0, 3).join("")}`);
    third.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = 3; INSERT INTO bodies VALUES ('a', x'61')`);
    third.close();
    const store = sqliteStore({ file });
    const left = await store.bodies.count({ keepMs: 1_000_000, atMostMs: 1_000_000 });
    expect([left, await store.bodies.sweep({ limit: 10 })]).toEqual([1_250_000, 0]);
    expect((await store.bodies.get(["a"])).size).toBe(1);
    await store.close();
    await directory.remove();
  });
});

describeWith("postgres", await isServiceThere("postgres"), "the tables of the store in PostgreSQL", () => {
  it("are made once by ten processes that start at the same time, one of which accepts a delivery", async () => {
    const schema = `hookwright_store_${randomUUID().slice(0, 8)}`;
    expect(await acceptInTenProcesses(serviceUrl("postgres"), schema)).toEqual(oneAccepted);
    const database = openPostgres({ connection: serviceUrl("postgres"), schema });
    const { rows } = await database.query(
      `SELECT (SELECT count(*)::int FROM ${database.schema}.outbox) AS jobs, version FROM ${database.schema}.schema_version`,
    );
    expect(rows).toEqual([{ jobs: 1, version: postgresSteps.length }]);
    await database.query(`DROP SCHEMA ${database.schema} CASCADE`);
    await database.close();
  });
});
