import { loadPeer } from "../peer.ts";
import type { PostgresPool, PostgresPoolClient } from "./client.ts";

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
 * made "expensive", compiling the few statements that have to would seem worth while, and is not.) Statements that stand alone are
 * written for READ COMMITTED.
 */
const session = "-c enable_seqscan=off -c jit=off -c default_transaction_isolation=read\\ committed";

/** A pool for a connection string, or the one that was given. Parameters in the string win over ours. */
export async function makePool(connection: string | PostgresPool): Promise<PostgresPool> {
  const pool = typeof connection === "string" ? await ownPool(connection) : connection;
  pool.on("error", ignore);
  pool.on("connect", survive);
  return pool;
}

/** Undoes what {@link makePool} did to a pool that goes on. */
export function leavePool(pool: PostgresPool): void {
  pool.removeListener("error", ignore);
  pool.removeListener("connect", survive);
}

/** The pool replaces a connection that breaks while nobody uses it; whoever needs one next notices if that fails. */
function ignore(): void {}

/**
 * A connection may break in the very moment in which the pool hands it out, when neither the pool listens any more nor its user
 * does yet. An error that nobody listens to would end the process; the user's next query fails anyway.
 */
function survive(client: PostgresPoolClient): void {
  client.on("error", ignore);
}

async function ownPool(connectionString: string): Promise<PostgresPool> {
  const { default: pg } = await loadPeer("pg", () => import("pg"));
  return new pg.Pool({
    connectionString,
    max: 10,
    ...limits,
    options: session,
    application_name: "hookwright",
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
}
