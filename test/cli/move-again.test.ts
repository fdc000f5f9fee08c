import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "@jest/globals";
import { sqliteQueue } from "../../src/queue/drivers/sqlite.ts";
import { sqliteStore } from "../../src/store/drivers/sqlite.ts";
import { dropSchema, newSchema } from "../postgres/schema.ts";
import { describeWith, isServiceThere } from "../support/services.ts";
import { claim, deliveryKey, hourMs, idsOf, inOrder, job, moveFixture } from "./move-fixture.ts";

describeWith("postgres", await isServiceThere("postgres"), "hookwright move, interrupted and run again", () => {
  const at = moveFixture();

  it("moves what has come since when it is run again", async () => {
    await at.fill((queue) => queue.send(job("first")));
    await at.moveAsJson();
    await at.fill((queue) => queue.send(job("second")));
    expect(await at.moveAsJson()).toMatchObject({ found: { jobs: 1 }, moved: { jobs: 1 } });
    expect(await at.moveAsJson()).toMatchObject({ found: { jobs: 0 }, moved: { jobs: 0 } });
    expect(idsOf((await claim(at.inServer())).jobs)).toEqual(["first", "second"]);
  });

  describe.each(["listed", "copying jobs", "copying deliveries", "copied", "committed", "deleted"])("killed when it has %s", (step) => {
    it("loses nothing and doubles nothing when it is run again, nor what has changed meanwhile", async () => {
      const count = 2_500;
      const wanted = Array.from({ length: count }, (_, index) => `job ${index}`);
      const source = sqliteStore({ file: at.file });
      await source.acceptDelivery({ key: deliveryKey, claim: undefined, retentionMs: hourMs, jobs: [], leaseMs: 0, to: "queue" });
      await source.close();
      await at.fill((queue) => Promise.all(wanted.map((id, index) => queue.send(job(id, index % 2 ? inOrder(`key ${index % 10}`) : {})))));
      expect(await at.killAt(step)).toMatchObject({ signal: "SIGKILL" });
      const wasCommitted = step === "committed" || step === "deleted";

      // A worker that still lives ends the last job of the file; the next one that is sent gets its number.
      const sqlite = new DatabaseSync(at.file);
      sqlite.exec("DELETE FROM jobs WHERE seq = (SELECT max(seq) FROM jobs)");
      sqlite.close();
      await at.fill((queue) => queue.send(job("came later")));

      expect(await at.moveAsJson()).toMatchObject({ finishedEarlier: wasCommitted, left: { jobs: 0, deliveries: 0 } });
      const { rows } = await at.pool.query(`SELECT id FROM "${at.schema}".job_contents JOIN "${at.schema}".jobs USING (seq) ORDER BY id`);
      const expected = [...(wasCommitted ? wanted : wanted.slice(0, -1)), "came later"].sort();
      expect(rows.map(({ id }) => id).sort()).toEqual(expected);
      const remembered = await at.pool.query(`SELECT FROM "${at.schema}".deliveries`);
      expect(remembered.rowCount).toBe(1);
      const after = new DatabaseSync(at.file);
      expect(after.prepare("SELECT name FROM sqlite_schema WHERE name IN ('moves', 'moving')").all()).toEqual([]);
      after.close();
    }, 60_000);
  });

  it("loses nothing that is accepted while it runs, and keeps its order", async () => {
    const accepted = ["0"];
    await at.fill((queue) => queue.send(job("0", inOrder("key"))));
    const queue = sqliteQueue({ file: at.file });
    let isOver = false;
    const moving = at.move("--json").finally(() => {
      isOver = true;
    });
    for (let next = 1; !isOver; next++) {
      await queue.send(job(String(next), inOrder("key"))).then(
        () => accepted.push(String(next)),
        () => {}, // locked for too long: the sender knows
      );
    }
    const { code, stdout } = await moving;
    expect(code).toBe(JSON.parse(stdout).left.jobs === 0 ? 0 : 1);
    await queue.close();
    expect(accepted.length).toBeGreaterThan(1);
    expect(await at.moveAsJson()).toMatchObject({ left: { jobs: 0 } });
    expect(await at.storedIds()).toEqual(accepted);
  }, 60_000);

  it("moves everything once where two run at the same time", async () => {
    const wanted = Array.from({ length: 2_000 }, (_, index) => `job ${index}`);
    await at.fill((queue) => Promise.all(wanted.map((id) => queue.send(job(id)))));
    await Promise.all([at.move(), at.move()]); // the second waits, and then finds nothing, or says that the first is running
    await at.moveAsJson();
    expect(await at.storedIds()).toEqual(wanted);
  }, 60_000);

  it("refuses another target while a move is unfinished, and takes any when it has surely brought nothing", async () => {
    await at.fill((queue) => queue.send(job("one")));
    await at.killAt("committed");
    const other = newSchema();
    const elsewhere = ["--schema", other] as const;
    expect(await at.move(...elsewhere)).toMatchObject({ code: 1, stderr: expect.stringContaining("unfinished move") });
    expect((await at.pool.query(`SELECT FROM "${other}".jobs`)).rowCount).toBe(0);
    await dropSchema(at.pool, other);
    expect(await at.moveAsJson()).toMatchObject({ finishedEarlier: true, moved: { jobs: 0 } });
  });

  it.each([1, 2_500])("leaves a file of %d jobs as it was where PostgreSQL refuses, and can then go elsewhere", async (count) => {
    await at.fill((queue) => Promise.all(Array.from({ length: count }, (_, index) => queue.send(job(`job ${index}`)))));
    await at.inServer().list({ state: "open", limit: 0 });
    await at.pool.query(`ALTER TABLE "${at.schema}".jobs ADD CONSTRAINT nothing CHECK (false)`);
    expect(await at.move()).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing") });
    expect(await at.inFile().list({ state: "open", limit: 1 })).toMatchObject({ jobs: [{ id: "job 0" }], total: count });
    expect((await at.pool.query(`SELECT FROM "${at.schema}".job_contents`)).rowCount).toBe(0);
    await dropSchema(at.pool, at.schema);
    expect(await at.moveAsJson()).toMatchObject({ moved: { jobs: count } });
  });
});
