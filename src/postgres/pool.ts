import { loadPeer } from "../peer.ts";
import type { PostgresPool } from "./client.ts";

/** No call waits longer for the engine than these together. */
const limits = {
  connectionTimeoutMillis: 5_000,
  statement_timeout: 30_000,
  idle_in_transaction_session_timeout: 30_000,
  /** Noticed here, where the server itself has stopped answering. */
  query_timeout: 35_000,
};

/**
 * The server plans a prepared statement once, perhaps while the tables are empty, and may then read them whole each time, however
 * large they have grown, until it has counted them anew. There is an index for all that is asked often. (With reading whole tables
 * made "expensive", compiling the few statements that have to would seem worth while, and is not.)
 */
const planning = "-c enable_seqscan=off -c jit=off";

/** A pool for a connection string, or the one that was given. Parameters in the string win over ours. */
export async function makePool(connection: string | PostgresPool, onError: (error: Error) => void): Promise<PostgresPool> {
  const pool = typeof connection === "string" ? await ownPool(connection) : connection;
  pool.on("error", onError);
  return pool;
}

async function ownPool(connectionString: string): Promise<PostgresPool> {
  const { default: pg } = await loadPeer("pg", () => import("pg"));
  return new pg.Pool({
    connectionString,
    max: 10,
    ...limits,
    options: planning,
    application_name: "hookwright",
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
}
