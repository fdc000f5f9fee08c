import { afterAll, afterEach, beforeEach, expect, it } from "@jest/globals";
import { postgresStore } from "../../../src/store/drivers/postgres.ts";
import type { Store } from "../../../src/store/store.ts";
import { dropSchema, newPool, newSchema, urlWith } from "../../postgres/schema.ts";
import { describeWith, isServiceThere } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { acceptance, deliveryKey, newJob } from "../values.ts";

const leaseMs = 60_000;

describeWith("postgres", await isServiceThere("postgres"), "the PostgreSQL store and a server that fails", () => {
  const pool = newPool();
  let schema: string;
  let store: Store;

  beforeEach(() => {
    schema = newSchema();
    store = postgresStore({ connection: urlWith({ application_name: schema }), schema });
  });
  afterEach(async () => {
    await store.close();
    await dropSchema(pool, schema);
  });
  afterAll(() => pool.end());

  const endConnections = async () => {
    const sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
    return (await pool.query(sql, [schema])).rowCount ?? 0;
  };
  const count = async (sql: string) => Number((await pool.query(`SELECT count(*) AS total FROM ${sql}`)).rows[0]?.["total"]);

  it("has for each accepted delivery its job and for each job its delivery, when its connections break again and again", async () => {
    const handled: string[] = [];
    let isOver = false;
    let failures = 0;
    /** As a provider does: again and again, until it is told that the delivery was taken. */
    const deliver = async (deliveryId: string, claims: boolean): Promise<void> => {
      const key = deliveryKey({ deliveryId });
      for (;;) {
        try {
          const claim = claims ? await store.claimDelivery(key, { leaseMs: 100 }) : undefined;
          if (claim?.state === "done") return;
          const id = claim?.state === "claimed" ? claim.claim : undefined;
          const { state } = await store.acceptDelivery(acceptance({ key, claim: id, jobs: [newJob(deliveryId)], leaseMs }));
          if (state !== "running") return;
        } catch (error) {
          expect(error).toMatchObject({ code: "store_unavailable" });
          failures++;
        }
      }
    };
    const send = async (sender: number) => {
      for (let index = 0; !isOver; index++) {
        const id = `${sender}/${index}`;
        await deliver(id, sender % 2 === 0);
        handled.push(id);
      }
    };
    const senders = [1, 2, 3, 4, 5, 6].map(send);
    for (let round = 0; round < 6; round++) {
      const reached = handled.length + 60;
      await until(() => handled.length >= reached);
      await endConnections();
    }
    isOver = true;
    await Promise.all(senders);
    expect(failures).toBeGreaterThan(0);
    expect(await count(`"${schema}".outbox`)).toBe(handled.length);
    expect(await count(`"${schema}".deliveries`)).toBe(handled.length);
    expect(await count(`"${schema}".outbox WHERE id = ANY('{${handled.join(",")}}')`)).toBe(handled.length);
  });
});
