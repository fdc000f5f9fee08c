import { afterAll, afterEach, beforeEach, expect, it } from "@jest/globals";
import type { PoolClient } from "pg";
import { postgresStore } from "../../../src/store/drivers/postgres.ts";
import { fingerprint } from "../../../src/store/sql/fingerprint.ts";
import type { Store } from "../../../src/store/store.ts";
import { dropSchema, newPool, newSchema, urlWith } from "../../postgres/schema.ts";
import { describeWith, isServiceThere } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { acceptance, deliveryKey, newJob } from "../values.ts";

describeWith("postgres", await isServiceThere("postgres"), "transactions of the PostgreSQL store that meet others", () => {
  const pool = newPool();
  let schema: string;
  let store: Store;
  let other: PoolClient;

  beforeEach(async () => {
    schema = newSchema();
    store = postgresStore({ connection: urlWith({ application_name: schema }), schema });
    await store.outbox.count(); // the tables are there
    other = await pool.connect();
    await other.query("BEGIN");
  });
  afterEach(async () => {
    other.release(true);
    await store.close();
    await dropSchema(pool, schema);
  });
  afterAll(() => pool.end());

  const untilWaiting = () => {
    const sql = "SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
    return until(async () => (await pool.query(sql, [schema])).rowCount === 1);
  };
  const keys = ["a", "b", "c", "d"].map((deliveryId) => deliveryKey({ deliveryId }));

  it("take claims in the order in which everyone takes them, whatever order they come in", async () => {
    const claims = await Promise.all(keys.map((key) => store.claimDelivery(key, { leaseMs: 60_000 })));
    const claimed = keys
      .map((key, index) => ({ key, claim: claims[index]?.state === "claimed" ? claims[index].claim : undefined }))
      .sort((one, another) => (fingerprint(one.key) < fingerprint(another.key) ? -1 : 1));
    const [first, ...rest] = claimed.map(({ key }) => fingerprint(key));
    const lock = `SELECT FROM "${schema}".claims WHERE delivery = ANY ($1) FOR UPDATE NOWAIT`;
    await other.query(lock, [[first]]);
    const accepted = Promise.all(claimed.toReversed().map(({ key, claim }) => store.acceptDelivery(acceptance({ key, claim }))));
    await untilWaiting();
    expect((await other.query(lock, [rest])).rowCount).toBe(rest.length);
    await other.query("ROLLBACK");
    expect(await accepted).toEqual(keys.map(() => ({ state: "accepted" })));
  });

  it("are run again when the server has parted them from another that waited for them", async () => {
    const [key] = keys;
    const send = `INSERT INTO "${schema}".outbox (id, handler, head, body, job_group, taken_until) VALUES ('job', '', '', '', '', 0)`;
    await other.query(send);
    const accepted = store.acceptDelivery(acceptance({ key, jobs: [newJob("job")] }));
    await untilWaiting(); // for the job, with the delivery in its hands
    await other.query(`INSERT INTO "${schema}".claims VALUES ($1, '', '', 0)`, [fingerprint(key!)]);
    await other.query("ROLLBACK");
    expect(await accepted).toEqual({ state: "accepted" });
    expect(await store.outbox.count()).toBe(1);
  });

  it("complete a delivery although the server has parted them from another", async () => {
    const [one, another] = keys;
    const claim = await store.claimDelivery(one!, { leaseMs: 60_000 });
    await other.query(`INSERT INTO "${schema}".deliveries VALUES ($1, 0, 0)`, [fingerprint(one!)]);
    const completed = store.completeDelivery(one!, claim.state === "claimed" ? claim.claim : "", { retentionMs: 60_000 });
    await untilWaiting(); // for the record, with the claim in its hands
    await other.query(`UPDATE "${schema}".claims SET expires_at = 0 WHERE delivery = $1`, [fingerprint(one!)]);
    await other.query("ROLLBACK");
    await completed;
    expect(await store.claimDelivery(one!, { leaseMs: 60_000 })).toEqual({ state: "done", sameBody: true });
    expect((await store.claimDelivery(another!, { leaseMs: 60_000 })).state).toBe("claimed");
  });
});
