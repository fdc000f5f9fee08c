import { hash, randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../../clock.ts";
import {
  type DatabaseOptions,
  hasEnded,
  openDatabase,
  type SqlCommand,
  type SqliteDatabase,
  type SqlStatement,
  thisProcess,
} from "../../sqlite/index.ts";
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
  #completions = 0;

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
    const delivery = fingerprint(key);
    const claim = randomUUID();
    const now = this.#now();
    const [claimed] = await this.#database.execute(claimCommand(delivery, claim, now, leaseMs));
    if (claimed?.changes === 1) return { state: "claimed", claim };
    const [read] = await this.#database.execute({ statements: [{ sql: readSql, params: [delivery, now], get: "rows" }], durable: false });
    const known = read?.rows[0];
    return known ? { state: "done", sameBody: known.body_checksum === key.bodyChecksum } : { state: "running" };
  }

  async completeDelivery(key: DeliveryKey, claim: string, { retentionMs }: { readonly retentionMs: number }): Promise<void> {
    const now = this.#now();
    const completing = completeStatements(key, claim, now + retentionMs);
    const sweeping = ++this.#completions % completionsPerSweep === 0 ? sweepStatements(now) : [];
    await this.#database.execute({ statements: [...completing, ...sweeping], durable: false });
  }

  async releaseDelivery(key: DeliveryKey, claim: string): Promise<void> {
    await this.#database.execute({ statements: [{ sql: releaseSql, params: [fingerprint(key), claim], get: "none" }], durable: false });
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
    for (const owner of dead)
      await this.#database.execute({ statements: [{ sql: releaseOwnerSql, params: [owner], get: "none" }], durable: false });
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

/** A key as the file has it: short, whatever a provider sends, and telling nothing of the delivery. */
function fingerprint({ receiver, id, deliveryId }: DeliveryKey): string {
  return hash("sha256", JSON.stringify([receiver, id, deliveryId]), "base64url").slice(0, fingerprintLength);
}

/** 132 bits. */
const fingerprintLength = 22;

function claimCommand(delivery: string, claim: string, now: number, leaseMs: number): SqlCommand {
  const params = [delivery, claim, thisProcess, now + leaseMs, delivery, now, now];
  return { statements: [{ sql: claimSql, params, get: "changes" }], durable: false };
}

const claimSql = `
  INSERT INTO claims (delivery, claim, owner, expires_at)
  SELECT ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE delivery = ? AND expires_at > ?)
  ON CONFLICT (delivery) DO UPDATE SET claim = excluded.claim, owner = excluded.owner, expires_at = excluded.expires_at
  WHERE claims.expires_at <= ?`;

const readSql = "SELECT body_checksum FROM deliveries WHERE delivery = ? AND expires_at > ?";
const releaseSql = "DELETE FROM claims WHERE delivery = ? AND claim = ?";

const ownersSql = "SELECT DISTINCT owner FROM claims";
const releaseOwnerSql = "DELETE FROM claims WHERE owner = ?";

function completeStatements(key: DeliveryKey, claim: string, expiresAt: number): readonly SqlStatement[] {
  const delivery = fingerprint(key);
  return [
    { sql: completeSql, params: [key.bodyChecksum, expiresAt, delivery, claim], get: "none" },
    { sql: releaseSql, params: [delivery, claim], get: "none" },
  ];
}

const completeSql = `
  INSERT INTO deliveries (delivery, body_checksum, expires_at)
  SELECT delivery, ?, ? FROM claims WHERE delivery = ? AND claim = ?
  ON CONFLICT (delivery) DO UPDATE SET body_checksum = excluded.body_checksum, expires_at = excluded.expires_at`;

const completionsPerSweep = 8;

/** Forgets more expired deliveries than have come since the last sweep, so that the store shrinks faster than it grows. */
function sweepStatements(now: number): readonly SqlStatement[] {
  return [
    { sql: sweepSql, params: [now, 16 * completionsPerSweep], get: "none" },
    { sql: sweepClaimsSql, params: [now - abandonedMs], get: "none" },
  ];
}

const sweepSql =
  "DELETE FROM deliveries WHERE delivery IN (SELECT delivery FROM deliveries WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)";
const sweepClaimsSql = "DELETE FROM claims WHERE expires_at <= ?";
/** A claim that ran out may still be completed for a while, as long as nobody else has claimed the delivery. */
const abandonedMs = 24 * 60 * 60 * 1_000;
