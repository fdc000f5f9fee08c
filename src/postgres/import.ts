import { ApplicationError } from "../errors.ts";
import { loadPeer } from "../peer.ts";
import type { PostgresPool } from "./client.ts";
import { openPostgres, type PostgresDatabase } from "./database.ts";
import type { PostgresTransaction } from "./engine.ts";
import { toOpeningError } from "./faults.ts";
import { type ForeignRow, type ImportedTable, importTables, placeHoldingSql } from "./import-tables.ts";

export type { ForeignRow, ImportedTable };

/** Where jobs are brought to. */
export interface ImportOptions {
  readonly connectionString: string;
  readonly schema: string;
}

/** What is known here of a move: nothing; that it has begun, and nothing was brought yet; or that all of it was committed. */
export type MoveState = "unknown" | "begun" | "done";

/** The transaction in which everything is brought, open. */
export interface Import {
  /** Stores rows, unless their ids are there; answers how many were stored. */
  insert(table: ImportedTable, rows: readonly ForeignRow[]): Promise<number>;
}

/** Statements work on a batch, or count a table; a transaction that its process has left is ended by the server. */
const limits = {
  connectionTimeoutMillis: 5_000,
  statement_timeout: 600_000,
  query_timeout: 610_000,
  lock_timeout: 60_000,
  idle_in_transaction_session_timeout: 120_000,
};

async function makePool(connectionString: string): Promise<PostgresPool> {
  const { default: pg } = await loadPeer("pg", () => import("pg"));
  return new pg.Pool({ connectionString, max: 2, ...limits, application_name: "hookwright move", keepAlive: true });
}

/**
 * Sees whether the server lets us in, and changes nothing there.
 *
 * @throws ConfigurationError `package_missing`, or `invalid_options` where it does not.
 * @throws ApplicationError `store_unavailable` where it does not answer.
 */
export async function checkServer({ connectionString, schema }: ImportOptions): Promise<void> {
  const pool = await makePool(connectionString);
  try {
    await openPostgres({ connection: pool, schema }).close(); // sees whether the schema can have this name
    const client = await pool.connect();
    client.release(true);
  } catch (error) {
    throw toOpeningError(error);
  } finally {
    await pool.end();
  }
}

/**
 * Takes hold of a database that everything of another is moved to. Its tables are made or brought up to date, and one that remembers moves.
 *
 * @throws ConfigurationError `package_missing`, `database_newer`, or `invalid_options` where the server lets us not in.
 * @throws ApplicationError `store_unavailable` from here and every method.
 */
export async function openImport({ connectionString, schema }: ImportOptions): Promise<PostgresImport> {
  const pool = await makePool(connectionString);
  const database = openPostgres({ connection: pool, schema });
  const target = new PostgresImport(database, () => database.close().finally(() => pool.end()));
  try {
    await database.transaction((client) => makeTable(client, database.schema));
    return target;
  } catch (error) {
    await target.close();
    throw error;
  }
}

async function makeTable(client: PostgresTransaction, schema: string): Promise<void> {
  // IF NOT EXISTS alone does not keep two from making it at once.
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`hookwright move ${schema}`]);
  await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.moves (id text PRIMARY KEY, moved_at timestamptz)`);
}

/** The receiving side of a move. */
export class PostgresImport {
  readonly #database: PostgresDatabase;
  readonly close: () => Promise<void>;

  constructor(database: PostgresDatabase, close: () => Promise<void>) {
    this.#database = database;
    this.close = close;
  }

  /** What is known of a move, once no transaction of it is open any more. */
  stateOf(id: string): Promise<MoveState> {
    return this.#database.transaction((client) => lockedState(client, this.#database.schema, id));
  }

  /** Remembers that a move has begun: a file that names it belongs here. */
  async begin(id: string): Promise<void> {
    await this.#database.query(`INSERT INTO ${this.#database.schema}.moves (id) VALUES ($1)`, [id]);
  }

  /** Forgets a move that has brought nothing. */
  async forget(id: string): Promise<void> {
    await this.#database.query(`DELETE FROM ${this.#database.schema}.moves WHERE id = $1 AND moved_at IS NULL`, [id]);
  }

  /**
   * Brings everything in one transaction, with the mark that it was, and checks before the commit that the server has what it was given.
   * Answers false, having done nothing, where the move was done before.
   *
   * @param readTime The time that foreign rows are in, at the moment of the call.
   */
  async run(id: string, readTime: () => number, work: (target: Import) => Promise<void>): Promise<boolean> {
    const { schema } = this.#database;
    const isDone = await this.#database.transaction(async (client) => {
      const state = await lockedState(client, schema, id);
      if (state === "unknown")
        throw new ApplicationError("store_unavailable", `${schema}.moves has lost the move ${id}; nothing was moved.`);
      if (state === "done") return false;
      const running = new RunningImport(client, { schema, aheadMs: await measureAhead(client, readTime) });
      await work(running);
      await running.finish();
      await client.query(`UPDATE ${schema}.moves SET moved_at = clock_timestamp() WHERE id = $1`, [id]);
      return true;
    });
    if (isDone) this.#database.announceJobs();
    return isDone;
  }
}

/** Waits for a transaction of the same move whose process has ended or is about to. */
async function lockedState(client: PostgresTransaction, schema: string, id: string): Promise<MoveState> {
  const { rows } = await client.query(`SELECT moved_at IS NOT NULL AS is_done FROM ${schema}.moves WHERE id = $1 FOR UPDATE`, [id]);
  if (rows.length === 0) return "unknown";
  return rows[0]?.["is_done"] === true ? "done" : "begun";
}

async function measureAhead(client: PostgresTransaction, readTime: () => number): Promise<number> {
  const { rows } = await client.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS now_ms");
  return Math.round(Number(rows[0]?.["now_ms"]) - readTime());
}

class RunningImport implements Import {
  readonly #client: PostgresTransaction;
  readonly #context: { readonly schema: string; readonly aheadMs: number };
  readonly #stored = new Map<ImportedTable, number>();

  constructor(client: PostgresTransaction, context: { readonly schema: string; readonly aheadMs: number }) {
    this.#client = client;
    this.#context = context;
  }

  async insert(table: ImportedTable, rows: readonly ForeignRow[]): Promise<number> {
    const { sql, values } = importTables[table];
    const result = await this.#client.query(sql(this.#context.schema), values(rows, this.#context));
    const stored = Number(result.rows[0]?.["stored"]);
    this.#stored.set(table, (this.#stored.get(table) ?? 0) + stored);
    return stored;
  }

  /** Gives places where that cannot be left to whoever claims, and counts what is there. */
  async finish(): Promise<void> {
    const { schema } = this.#context;
    for (const [table, stored] of this.#stored) {
      for (const name of importTables[table].names) await this.#check(`${schema}.${name}`, stored);
    }
    const holding = await this.#client.query(`SELECT FROM ${schema}.jobs WHERE place = 1 AND dead_at IS NOT NULL LIMIT 1`);
    if (holding.rowCount === 0) return;
    await this.#client.query(`LOCK TABLE ${schema}.jobs IN SHARE ROW EXCLUSIVE MODE`);
    await this.#client.query(placeHoldingSql(schema));
  }

  async #check(table: string, expected: number): Promise<void> {
    const { rows } = await this.#client.query(
      `SELECT count(*)::integer AS total FROM ${table} WHERE xmin::text::bigint = txid_current() % 4294967296`,
    );
    const total = Number(rows[0]?.["total"]);
    if (total === expected) return;
    throw new ApplicationError("store_unavailable", `${table} has ${total} new rows instead of ${expected}; nothing was moved.`);
  }
}
