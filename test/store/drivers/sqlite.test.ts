import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { sqliteQueue } from "../../../src/queue/drivers/sqlite.ts";
import { openDatabase, type SqliteDatabase } from "../../../src/sqlite/index.ts";
import { sqliteStore } from "../../../src/store/drivers/sqlite.ts";
import { controllableClock } from "../../../src/testing/clock.ts";
import { temporaryDirectory } from "../../sqlite/temporary-directory.ts";
import { deliveryKey, describeStore } from "../conformance.ts";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

describeStore("the SQLite store", {
  open: async (clock) => {
    directory = await temporaryDirectory();
    return sqliteStore({ file: join(directory.path, "store.db"), clock });
  },
  openAnother: async (clock) => sqliteStore({ file: join(directory.path, "store.db"), clock }),
  openQueue: async (clock) => sqliteQueue({ file: join(directory.path, "store.db"), clock }),
  cleanUp: () => directory.remove(),
});

describe("the SQLite store on a file", () => {
  let database: SqliteDatabase;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    database = openDatabase({ file: join(directory.path, "store.db") });
  });
  afterEach(async () => {
    await database.close();
    await directory.remove();
  });

  it("forgets expired deliveries faster than it learns new ones", async () => {
    const clock = controllableClock();
    const store = sqliteStore({ database, clock });
    const complete = async (deliveryId: string) => {
      const key = deliveryKey({ deliveryId });
      const claim = await store.claimDelivery(key, { leaseMs: 1_000 });
      await store.completeDelivery(key, claim.state === "claimed" ? claim.claim : "", { retentionMs: 1_000 });
    };
    await Promise.all(Array.from({ length: 80 }, (_, index) => complete(`old-${index}`)));
    await clock.advance(1_000);
    await Promise.all(Array.from({ length: 10 }, (_, index) => complete(`new-${index}`)));
    const counting = { sql: "SELECT count(*) AS total FROM deliveries", params: [], get: "rows" } as const;
    expect((await database.execute({ statements: [counting], durable: false }))[0]?.rows).toMatchObject([{ total: 10 }]);
    await store.close();
  });

  it("says that the store is unavailable where the database fails", async () => {
    const store = sqliteStore({ database });
    await database.execute({ statements: [{ sql: "DROP TABLE deliveries", params: [], get: "none" }], durable: true });
    await expect(store.claimDelivery(deliveryKey(), { leaseMs: 1 })).rejects.toMatchObject({ code: "store_unavailable", status: 503 });
    await store.close();
  });
});
