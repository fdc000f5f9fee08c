import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { dropSchema, newPool, newSchema } from "../postgres/schema.ts";
import { temporaryDirectory } from "../sqlite/temporary-directory.ts";
import { isServiceThere, serviceUrl } from "../support/services.ts";
import type { AppSettings } from "./app.ts";
import { type RunningApp, startApp } from "./processes.ts";

/** A database of a test's own. */
export interface Database {
  readonly settings: Pick<AppSettings, "database" | "schema">;
  /** Keeps everybody else from writing for so long. */
  lock(ms: number): Promise<void>;
  remove(): Promise<void>;
}

/** An application on a database of its own, and what ends both. */
export interface AppOnDatabase {
  readonly app: RunningApp;
  readonly database: Database;
  remove(): Promise<void>;
}

/** The engines, and whether each is there. */
export const engines = [
  { name: "sqlite", isThere: true, open: sqliteDatabase },
  { name: "postgres", isThere: await isServiceThere("postgres"), open: postgresDatabase },
] as const;

/** The secret that the application and the load share. */
export const secret = "the secret of the overload tests";

/** Starts the application on a new database. */
export async function startOn(
  open: () => Promise<Database>,
  settings: Omit<AppSettings, "database" | "schema" | "secret"> = {},
): Promise<AppOnDatabase> {
  const database = await open();
  const app = await startApp({ ...settings, ...database.settings, secret });
  const remove = async (): Promise<void> => {
    await app.stop();
    await database.remove();
  };
  return { app, database, remove };
}

/** A file in a directory of its own. */
export async function sqliteDatabase(): Promise<Database> {
  const directory = await temporaryDirectory();
  const file = `${directory.path}/webhooks.db`;
  return {
    settings: { database: file },
    lock: async (ms) => {
      const connection = new DatabaseSync(file, { timeout: 5_000 });
      connection.exec("BEGIN EXCLUSIVE");
      await delay(ms);
      connection.exec("ROLLBACK");
      connection.close();
    },
    remove: directory.remove,
  };
}

/** A schema of its own on the server. */
async function postgresDatabase(): Promise<Database> {
  const schema = newSchema();
  const pool = newPool({ max: 2 });
  return {
    settings: { database: serviceUrl("postgres"), schema },
    lock: async (ms) => {
      const client = await pool.connect();
      await client.query("BEGIN");
      await client.query(`LOCK TABLE "${schema}".jobs IN ACCESS EXCLUSIVE MODE`); // one table, or it could be a deadlock
      await delay(ms);
      await client.query("ROLLBACK");
      client.release();
    },
    remove: async () => {
      await dropSchema(pool, schema);
      await pool.end();
    },
  };
}
