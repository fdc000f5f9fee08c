// What the handlers under fault do: one row in a database of the application's own, in a transaction with `once`.
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import type { WebhookQueueContext } from "../../src/index.ts";
import type { FailPoints } from "./fail-points.ts";

/** Where the effects are. */
export type EffectsPlace = { readonly file: string } | { readonly connection: string };

/** Makes the effect of a delivery, unless it has been made; then fails, if it is to fail. */
export type MakeEffect = (context: WebhookQueueContext) => Promise<void>;

/** The event whose handler always fails. */
export const poison = "poison";

const insertion = "INSERT INTO effects (delivery) VALUES";

/** Opens the database of the effects, whose table is there. */
export function openEffects(place: EffectsPlace, points: FailPoints): MakeEffect {
  return "file" in place ? sqliteEffects(place.file, points) : postgresEffects(place.connection, points);
}

function sqliteEffects(file: string, points: FailPoints): MakeEffect {
  const database = new DatabaseSync(file, { timeout: 10_000 });
  return async (context) => {
    database.exec("BEGIN IMMEDIATE");
    try {
      context.onceSync(database, () => database.prepare(`${insertion} (?)`).run(context.deliveryId ?? ""));
      void points.pass("effect made");
      failIfPoisoned(context);
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  };
}

function postgresEffects(connection: string, points: FailPoints): MakeEffect {
  const pool = new pg.Pool({ connectionString: connection, max: 4, connectionTimeoutMillis: 5_000 });
  pool.on("error", () => {});
  // Not after `connect()` has resolved: the server may say farewell in the very packet that welcomes.
  pool.on("connect", (client) => client.on("error", () => {}));
  return async (context) => {
    const client = await pool.connect();
    let failure: Error | undefined;
    try {
      await client.query("BEGIN");
      await context.once(client, () => client.query(`${insertion} ($1)`, [context.deliveryId]));
      await points.pass("effect made");
      failIfPoisoned(context);
      await client.query("COMMIT");
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      client.release(failure); // which ends the connection and rolls back
    }
  };
}

function failIfPoisoned({ events }: WebhookQueueContext): void {
  if (events.includes(poison)) throw new Error("This delivery always fails.");
}
