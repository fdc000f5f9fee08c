import { createHash } from "node:crypto";

/** A transaction of a PostgreSQL client: `query` of `pg`, or a function around any other client's that takes `$1` and answers rows. */
export interface QueryTransaction {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  /** Of `pg`, from 8.17 on: "I" says that no transaction is open. */
  readonly getTransactionStatus?: () => unknown;
}

/** A SQLite connection with a transaction open, of `node:sqlite` or `better-sqlite3`. */
export interface StatementTransaction {
  prepare(sql: string): { run(...values: string[]): { readonly changes: number | bigint } };
  /** Of `node:sqlite`. */
  readonly isTransaction?: boolean;
  /** Of `better-sqlite3`. */
  readonly inTransaction?: boolean;
}

/** The caller's own transaction, in which an effect and the record of it are committed or rolled back together. */
export type EffectTransaction = QueryTransaction | StatementTransaction;

/** Which of several effects of one handler is meant. Two of one name are one effect: the second does not run. */
export interface OnceOptions {
  /** Default: the empty text. */
  readonly name?: string;
}

/** Key of an effect: of whom, on what, which. */
export function effectKey(parts: readonly (string | undefined)[]): string {
  return createHash("sha256")
    .update(JSON.stringify(parts.map((part) => part ?? null)))
    .digest("base64url");
}

/**
 * Runs an effect unless the transaction's database says that it has been committed before. Two runs at once: the second waits
 * for the first to commit or roll back. Answers whether it ran. One that throws is not recorded, even if the transaction is committed
 * all the same.
 *
 * @throws TypeError if what is given is no transaction.
 */
export async function runOnce(transaction: EffectTransaction, key: string, effect: () => unknown): Promise<boolean> {
  if (isStatementTransaction(transaction)) {
    if (!record(transaction, key)) return false;
  } else if (!(await recordByQuery(asQuery(transaction), key))) return false;
  try {
    await effect();
  } catch (error) {
    if (isStatementTransaction(transaction)) takeBack(transaction, key);
    else await takeBackByQuery(transaction, key);
    throw error;
  }
  return true;
}

/** As {@link runOnce}, without a turn of the event loop in which other work could get into a transaction of a shared connection. */
export function runOnceSync(transaction: StatementTransaction, key: string, effect: () => unknown): boolean {
  if (!isStatementTransaction(transaction)) throw new TypeError("onceSync: expected a connection of node:sqlite or better-sqlite3.");
  if (!record(transaction, key)) return false;
  try {
    if (isThenable(effect())) throw new TypeError("onceSync: the effect returned a promise; use once().");
  } catch (error) {
    takeBack(transaction, key);
    throw error;
  }
  return true;
}

/**
 * Forgets the effects recorded before a time; their deliveries could then have an effect again. Answers nothing; run it in a
 * transaction of your own, now and then, with a time older than any provider delivers again.
 */
export async function forgetEffects(transaction: EffectTransaction, before: Date): Promise<void> {
  const time = String(before.getTime());
  if (isStatementTransaction(transaction)) {
    createTable(transaction);
    transaction.prepare(`DELETE FROM ${table} WHERE recorded_at < CAST(? AS INTEGER)`).run(time);
  } else {
    await createTableByQuery(asQuery(transaction));
    await transaction.query(`DELETE FROM ${table} WHERE recorded_at < $1`, [time]);
  }
}

/** In the user's own database, found by its search path. */
const table = "hookwright_effects";

function record(connection: StatementTransaction, key: string): boolean {
  if ((connection.isTransaction ?? connection.inTransaction) === false)
    throw new TypeError("once: no transaction is open on this connection; begin one first.");
  createTable(connection);
  const insert = `INSERT INTO ${table} (effect, recorded_at) VALUES (?, CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO NOTHING`;
  return Number(connection.prepare(insert).run(key).changes) === 1;
}

/** A transaction that the error has ended, or made useless, has no record any more; the error is what counts. */
function takeBack(connection: StatementTransaction, key: string): void {
  try {
    connection.prepare(`DELETE FROM ${table} WHERE effect = ?`).run(key);
  } catch {
    // it cannot be committed either
  }
}

async function takeBackByQuery(transaction: QueryTransaction, key: string): Promise<void> {
  try {
    await transaction.query(`DELETE FROM ${table} WHERE effect = $1`, [key]);
  } catch {
    // it cannot be committed either
  }
}

function createTable(connection: StatementTransaction): void {
  connection.prepare(`CREATE TABLE IF NOT EXISTS ${table} (effect TEXT PRIMARY KEY, recorded_at INTEGER NOT NULL) WITHOUT ROWID`).run();
}

async function recordByQuery(transaction: QueryTransaction, key: string): Promise<boolean> {
  await createTableByQuery(transaction);
  if (transaction.getTransactionStatus?.() === "I") throw new TypeError("once: no transaction is open on this client; BEGIN one first.");
  const insert = `INSERT INTO ${table} (effect) VALUES ($1) ON CONFLICT DO NOTHING RETURNING 1`;
  return (await transaction.query(insert, [key])).rows.length === 1;
}

async function createTableByQuery(transaction: QueryTransaction): Promise<void> {
  const { rows } = await transaction.query("SELECT to_regclass($1) IS NULL AS absent", [table]);
  if (!(rows[0] as { readonly absent: boolean } | undefined)?.absent) return;
  // PostgreSQL lets two transactions create one table at once, and then fails the later one.
  await transaction.query("SELECT pg_advisory_xact_lock($1)", [tableLock]);
  await transaction.query(
    `CREATE TABLE IF NOT EXISTS ${table} (
      effect text PRIMARY KEY,
      recorded_at bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint
    )`,
    [],
  );
}

/** "Hook" in ASCII. */
const tableLock = 0x486f6f6b;

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function isStatementTransaction(transaction: EffectTransaction): transaction is StatementTransaction {
  return typeof (transaction as StatementTransaction | undefined)?.prepare === "function";
}

function asQuery(transaction: QueryTransaction): QueryTransaction {
  if (typeof transaction?.query !== "function")
    throw new TypeError("once: expected a transaction: a PostgreSQL client with query(), or a SQLite connection with prepare().");
  if ("totalCount" in transaction) throw new TypeError("once: a pool is no transaction; connect() a client and begin one.");
  return transaction;
}
