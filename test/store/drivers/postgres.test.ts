import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "@jest/globals";
import { openPostgres } from "../../../src/postgres/index.ts";
import { postgresQueue } from "../../../src/queue/drivers/postgres.ts";
import { postgresStore } from "../../../src/store/drivers/postgres.ts";
import { describeWith, isServiceThere, serviceUrl } from "../../support/services.ts";
import { deliveryKey, describeStore } from "../conformance.ts";
import { acceptance, newJob } from "../values.ts";

const isThere = await isServiceThere("postgres");
const connection = serviceUrl("postgres");
const schemas: string[] = [];

function newSchema(): string {
  const schema = `hookwright_store_${randomUUID().slice(0, 8)}`;
  schemas.push(schema);
  return schema;
}

/** Runs a statement outside of any schema of ours. */
async function administer(text: string): Promise<readonly Record<string, unknown>[]> {
  const { Client } = (await import("pg")).default;
  const client = new Client({ connectionString: connection });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

afterAll(async () => {
  if (!isThere) return;
  for (const schema of schemas) await administer(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
});

describeWith("a PostgreSQL server", isThere, "on PostgreSQL", () => {
  let schema = "";

  describeStore("the PostgreSQL store", {
    open: async () => {
      schema = newSchema();
      return postgresStore({ connection, schema });
    },
    openAnother: async () => postgresStore({ connection: `${connection}?another=${randomUUID()}`, schema }),
    openQueue: async () => postgresQueue({ connection, schema }),
    cleanUp: async () => void (await administer(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)),
    realLeaseMs: 400,
  });

  describe("the PostgreSQL store in a schema", () => {
    const count = async (table: string) => Number((await administer(`SELECT count(*) AS total FROM "${schema}".${table}`))[0]?.["total"]);

    it("forgets expired deliveries and claims faster than it learns new ones", async () => {
      schema = newSchema();
      const store = postgresStore({ connection, schema });
      const accept = (deliveryId: string, retentionMs: number) =>
        store.acceptDelivery(acceptance({ key: deliveryKey({ deliveryId }), retentionMs }));
      await Promise.all(Array.from({ length: 500 }, (_, index) => accept(`old-${index}`, 0)));
      await Promise.all(Array.from({ length: 100 }, (_, index) => accept(`new-${index}`, 3_600_000)));
      expect(await count("deliveries")).toBeLessThan(200);
      for (let turn = 0; turn < 16; turn++)
        await Promise.all(Array.from({ length: 64 }, (_, index) => accept(`later-${turn}-${index}`, 0)));
      expect(await count("deliveries")).toBeLessThan(400);
      expect(await count("claims")).toBeLessThan(1_200);
      await store.close();
    });

    it("shares a database that is open, and leaves it open", async () => {
      schema = newSchema();
      const database = openPostgres({ connection, schema });
      const store = postgresStore({ database });
      expect(store.location).toBe(database.location);
      await store.bodies.put("a", Buffer.from("a"));
      await store.close();
      expect((await database.query(`SELECT id FROM ${database.schema}.bodies`)).rows).toEqual([{ id: "a" }]);
      await database.close();
    });

    it("takes any name of a schema", async () => {
      schema = `${newSchema()} "q" é`;
      const store = postgresStore({ connection, schema });
      expect(await store.acceptDelivery(acceptance({ jobs: [newJob("a")] }))).toEqual({ state: "accepted" });
      expect(await store.acceptDelivery(acceptance())).toEqual({ state: "done", sameBody: true });
      await store.close();
      await administer(`DROP SCHEMA "${schema.replaceAll('"', '""')}" CASCADE`);
    });

    it("says that the store is unavailable where the database fails", async () => {
      schema = newSchema();
      const store = postgresStore({ connection, schema });
      expect((await store.claimDelivery(deliveryKey(), { leaseMs: 1 })).state).toBe("claimed");
      await administer(`DROP TABLE "${schema}".deliveries`);
      await expect(store.claimDelivery(deliveryKey(), { leaseMs: 1 })).rejects.toMatchObject({ code: "store_unavailable", status: 503 });
      await expect(store.acceptDelivery(acceptance())).rejects.toMatchObject({ code: "store_unavailable" });
      await store.close();
    });

    it("says so where no server answers, without the password", async () => {
      const store = postgresStore({ connection: "postgres://someone:hidden@127.0.0.1:1/nothing" });
      const error = await store.claimDelivery(deliveryKey(), { leaseMs: 1 }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "store_unavailable" });
      expect(JSON.stringify([String(error), String((error as Error).cause)])).not.toContain("hidden");
      await store.close();
    });
  });
});
