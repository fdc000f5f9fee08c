import { afterAll, describe } from "@jest/globals";
import { postgresQueue } from "../../../src/queue/drivers/postgres.ts";
import { dropSchema, newPool, newSchema } from "../../postgres/schema.ts";
import { describeWith, isServiceThere } from "../../support/services.ts";
import { describeQueue } from "../conformance.ts";

const isThere = await isServiceThere("postgres");

describeWith("postgres", isThere, "PostgreSQL", () => {
  const pool = newPool({ max: 12 });
  let schema: string;

  afterAll(() => pool.end());

  describeQueue("the PostgreSQL queue", {
    open: async () => {
      schema = newSchema();
      return postgresQueue({ connection: pool, schema });
    },
    cleanUp: () => dropSchema(pool, schema),
    realLeaseMs: 600,
  });
});
