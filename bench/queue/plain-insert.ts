import pg from "pg";
import type { BenchJob, Contender, OpenContender } from "./contender.ts";
import { createSchema, dropSchema, truncate } from "./schema.ts";

/** One prepared INSERT for each job over ten connections: the least that a table of one's own can cost. */
export const plainInsert: OpenContender = async (place): Promise<Contender> => {
  await createSchema(place);
  const pool = new pg.Pool({ connectionString: place.url, max: 10 });
  await pool.query(`CREATE TABLE "${place.name}".jobs (id bigserial PRIMARY KEY, head text NOT NULL, body bytea NOT NULL)`);
  const text = `INSERT INTO "${place.name}".jobs (head, body) VALUES ($1, $2)`;
  return {
    send: async ({ head, body }: BenchJob) => void (await pool.query({ name: "insert", text, values: [head, body] })),
    clear: () => truncate(place, ["jobs"]),
    remove: async () => {
      await pool.end();
      await dropSchema(place);
    },
  };
};
