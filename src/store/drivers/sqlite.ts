import { type Clock, systemClock } from "../../clock.ts";
import { type DatabaseOptions, hasEnded, openDatabase, type SqlCommand, type SqliteDatabase, type SqlResult, thisProcess } from "../../sqlite/index.ts";
import type { DeliveryClaim, DeliveryKey, Store } from "../store.ts";

/** A file, or a database that is already open and stays open when the store is closed. */
export interface SqliteStoreOptions extends DatabaseOptions {
  readonly database?: SqliteDatabase;
  readonly clock?: Clock;
}

/**
 * The embedded store: facts in a SQLite file on a local disk, for any number of processes of one machine. Nothing that it
 * records waits for the disk: a power cut may undo the last of it, and then a delivery runs again.
 *
 * @throws ConfigurationError from every method: `closed`, `database_newer`, or `invalid_options` where the file cannot be used.
 * @throws ApplicationError `store_unavailable` from every method where the database failed.
 */
export function sqliteStore({ database, clock = systemClock, ...options }: SqliteStoreOptions = {}): Store {
  return new SqliteStore(database ? database.share() : openDatabase(options), clock);
}

class SqliteStore implements Store {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  #swept: Promise<void> | undefined;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async claimDelivery(key: DeliveryKey, { leaseMs }: { readonly leaseMs: number }): Promise<DeliveryClaim> {
    this.#swept ??= this.#releaseForTheDead().catch((error: unknown) => {
      this.#swept = undefined;
      throw error;
    });
    await this.#swept;
    const results = await this.#database.execute(claimCommand(key, this.#now(), leaseMs));
    return readClaim(key, results);
  }

  async completeDelivery(key: DeliveryKey, claim: string, { retentionMs }: { readonly retentionMs: number }): Promise<void> {
    await this.#database.execute(completeCommand(key, claim, this.#now(), retentionMs));
  }

  async releaseDelivery(key: DeliveryKey, claim: string): Promise<void> {
    const params = [...keyValues(key), claim];
    await this.#database.execute({ statements: [{ sql: releaseSql, params, get: "none" }], durable: false });
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  /**
   * Gives back, once, what processes of this machine had claimed when they died: whoever was killed while it handled a
   * delivery need not keep the provider waiting until the lease has run out.
   */
  async #releaseForTheDead(): Promise<void> {
    const [owners] = await this.#database.execute({ statements: [{ sql: ownersSql, params: [], get: "rows" }], durable: false });
    const dead = (owners?.rows ?? []).map(({ owner }) => String(owner)).filter(hasEnded);
    for (const owner of dead) await this.#database.execute({ statements: [{ sql: releaseOwnerSql, params: [owner], get: "none" }], durable: false });
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

function claimCommand(key: DeliveryKey, now: number, leaseMs: number): SqlCommand {
  return {
    statements: [
      { sql: claimSql, params: [...keyValues(key), key.bodyChecksum, now + leaseMs, thisProcess, now], get: "rows" },
      { sql: readSql, params: keyValues(key), get: "rows" },
    ],
    durable: false,
  };
}

const claimSql = `
  INSERT INTO deliveries (receiver, id, delivery_id, body_checksum, expires_at, owner, claim)
  VALUES (?, ?, ?, ?, ?, ?, lower(hex(randomblob(16))))
  ON CONFLICT (receiver, id, delivery_id) DO UPDATE SET
    body_checksum = excluded.body_checksum, expires_at = excluded.expires_at, claim = excluded.claim, owner = excluded.owner,
    is_done = 0
  WHERE expires_at <= ?
  RETURNING claim`;

const ownersSql = "SELECT DISTINCT owner FROM deliveries WHERE is_done = 0";
const releaseOwnerSql = "DELETE FROM deliveries WHERE owner = ? AND is_done = 0";

const isKey = "receiver = ? AND id = ? AND delivery_id = ?";
const readSql = `SELECT is_done, body_checksum FROM deliveries WHERE ${isKey}`;
const releaseSql = `DELETE FROM deliveries WHERE ${isKey} AND claim = ? AND is_done = 0`;

function readClaim(key: DeliveryKey, [claimed, read]: readonly SqlResult[]): DeliveryClaim {
  const claim = claimed?.rows[0]?.claim;
  if (typeof claim === "string") return { state: "claimed", claim };
  const known = read?.rows[0];
  return known?.is_done === 1 ? { state: "done", sameBody: known.body_checksum === key.bodyChecksum } : { state: "running" };
}

/** Forgets a few expired deliveries as well: more than one, so that the store shrinks faster than it grows. */
function completeCommand(key: DeliveryKey, claim: string, now: number, retentionMs: number): SqlCommand {
  return {
    statements: [
      { sql: completeSql, params: [now + retentionMs, ...keyValues(key), claim], get: "none" },
      { sql: sweepSql, params: [now], get: "none" },
    ],
    durable: false,
  };
}

const completeSql = `UPDATE deliveries SET is_done = 1, expires_at = ? WHERE ${isKey} AND claim = ? AND is_done = 0`;
const sweepSql = "DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries WHERE expires_at <= ? ORDER BY expires_at LIMIT 8)";

function keyValues({ receiver, id, deliveryId }: DeliveryKey): readonly [string, string, string] {
  return [receiver, id, deliveryId];
}
