import { type QueryCreator, sql } from "kysely";
import { isDone } from "./claiming.ts";
import type { Commit, Dialect, GivenRow } from "./dialect.ts";
import type { Tables } from "./tables.ts";

/** Columns of a record to be made. */
export const recordColumns = { delivery: "text", claim: "text", owner: "text", body_checksum: "integer", retention_ms: "integer" } as const;

/** For a database of one writer: what the claims say stays so until the transaction ends. */
export function recordingAfterwards({ queries, given, now }: Dialect) {
  const held = queries
    .selectFrom(given(recordColumns, "none").as("given"))
    .innerJoin("claims", (join) => join.onRef("claims.delivery", "=", "given.delivery").onRef("claims.claim", "=", "given.claim"))
    .where(sql<boolean>`true`) // without it SQLite takes ON CONFLICT for a part of the join
    .select((eb) => ["given.delivery", "given.body_checksum", sql<number>`${now} + ${eb.ref("given.retention_ms")}`.as("expires_at")]);
  return queries
    .insertInto("deliveries")
    .columns(["delivery", "body_checksum", "expires_at"])
    .expression(held)
    .onConflict((conflict) =>
      conflict.column("delivery").doUpdateSet((eb) => ({
        body_checksum: eb.ref("excluded.body_checksum"),
        expires_at: eb.ref("excluded.expires_at"),
      })),
    );
}

/** For a database of many writers: whoever deletes the claim had it. Answers `delivery` of what is recorded now and was not before. */
export function recordingWhatIsHeld({ queries, given, now }: Dialect, commit: Commit) {
  const held = queries
    .with("given", () => given(recordColumns, commit))
    .with("held", (db) =>
      db
        .deleteFrom("claims")
        .using("given")
        .whereRef("claims.delivery", "=", "given.delivery")
        .whereRef("claims.claim", "=", "given.claim")
        .returning("claims.delivery"),
    );
  return recording(held, now);
}

/**
 * The same for what nobody has claimed. A claim that has run out from the start is left behind: while the transaction is open it keeps
 * others from claiming, and afterwards it says nothing; a sweep forgets it.
 */
export function recordingWhatIsFree(dialect: Dialect) {
  const { queries, given, now } = dialect;
  const held = queries
    .with("given", () => given(recordColumns, "durable"))
    .with("held", (db) =>
      db
        .insertInto("claims")
        .columns(["delivery", "claim", "owner", "expires_at"])
        .expression((from) =>
          from
            .selectFrom("given")
            .where((eb) => eb.not(eb.exists(isDone(dialect).whereRef("deliveries.delivery", "=", sql.ref("given.delivery")))))
            .select(["given.delivery", "given.claim", "given.owner", sql<number>`0`.as("expires_at")])
            .orderBy("given.delivery"),
        )
        .onConflict((conflict) =>
          conflict
            .column("delivery")
            .doUpdateSet((eb) => ({
              claim: eb.ref("excluded.claim"),
              owner: eb.ref("excluded.owner"),
              expires_at: eb.ref("excluded.expires_at"),
            }))
            .where("claims.expires_at", "<=", now),
        )
        .returning("claims.delivery"),
    );
  return recording(held, now);
}

interface Held extends Tables {
  readonly given: GivenRow<typeof recordColumns>;
  readonly held: { readonly delivery: string };
}

function recording(held: QueryCreator<Held>, now: Dialect["now"]) {
  return held
    .insertInto("deliveries")
    .columns(["delivery", "body_checksum", "expires_at"])
    .expression((db) =>
      db
        .selectFrom("given")
        .innerJoin("held", "held.delivery", "given.delivery")
        .select((eb) => ["given.delivery", "given.body_checksum", sql<number>`${now} + ${eb.ref("given.retention_ms")}`.as("expires_at")])
        .orderBy("given.delivery"),
    )
    .onConflict((conflict) =>
      conflict
        .column("delivery")
        .doUpdateSet((eb) => ({ body_checksum: eb.ref("excluded.body_checksum"), expires_at: eb.ref("excluded.expires_at") }))
        .where("deliveries.expires_at", "<=", now),
    )
    .returning("deliveries.delivery");
}
