import { sql } from "kysely";
import type { Dialect } from "./dialect.ts";
import { compile, type Statement } from "./statement.ts";

/** The statements over large bodies. */
export interface BodyStatements {
  /** With `term_ms`, which may be null. */
  readonly put: Statement;
  /** Answers `id`, `body` and, as `is_short`, whether it is kept for less than `keep_ms`. */
  readonly get: Statement;
  readonly remove: Statement;
  /** Those that are kept for less than `keep_ms` are kept for `term_ms`. */
  readonly keep: Statement;
  /** Counts the time since the last count, at most `at_most_ms`. */
  readonly count: Statement;
  /** Gives those without a term `term_ms`. */
  readonly begin: Statement;
  /** Answers how long the shortest term still is, as `left_ms`. */
  readonly shortest: Statement;
  /** Removes at most `limit` whose term is over. */
  readonly sweep: Statement;
}

/** Compiles them for a dialect. */
export function bodyStatements(dialect: Dialect): BodyStatements {
  return {
    put: compile(putting(dialect), "none"),
    get: compile(getting(dialect), "rows"),
    remove: compile(dialect.queries.deleteFrom("bodies").where(dialect.among({ id: "text" }, "quick")), "none"),
    keep: compile(keeping(dialect), "none"),
    count: compile(counting(dialect), "none"),
    begin: compile(beginning(dialect), "none"),
    shortest: compile(findingShortest(dialect), "rows"),
    sweep: compile(sweeping(dialect), "changes"),
  };
}

function putting(dialect: Dialect) {
  const { queries, given } = dialect;
  return queries
    .insertInto("bodies")
    .columns(["id", "body", "kept_until"])
    .expression(
      queries
        .selectFrom(given({ id: "text", body: "bytes" }, "durable").as("given"))
        .where("given.id", "is not", null)
        .select(["given.id", "given.body", inFuture(dialect, "term_ms").as("kept_until")]),
    )
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({ body: eb.ref("excluded.body"), kept_until: eb.ref("excluded.kept_until") })),
    );
}

function getting(dialect: Dialect) {
  return dialect.queries
    .selectFrom(dialect.given({ id: "text" }, "none").as("given"))
    .innerJoin("bodies", "bodies.id", "given.id")
    .select([
      "bodies.id",
      "bodies.body",
      sql<number>`case when coalesce(bodies.kept_until, 0) < ${inFuture(dialect, "keep_ms")} then 1 else 0 end`.as("is_short"),
    ]);
}

function keeping(dialect: Dialect) {
  return dialect.queries
    .updateTable("bodies")
    .set({ kept_until: inFuture(dialect, "term_ms") })
    .where(dialect.among({ id: "text" }, "quick"))
    .where(sql<boolean>`coalesce(kept_until, 0) < ${inFuture(dialect, "keep_ms")}`);
}

/** A clock that was set back counts nothing. */
function counting({ queries, now, setting }: Dialect) {
  const atMost = setting<number>("at_most_ms", "integer");
  const passed = sql<number>`${now} - seen_at`;
  return queries.updateTable("body_time").set({
    counted_ms: sql<number>`counted_ms + case when ${passed} < 0 then 0 when ${passed} > ${atMost} then ${atMost} else ${passed} end`,
    seen_at: now,
  });
}

function beginning(dialect: Dialect) {
  return dialect.queries
    .updateTable("bodies")
    .set({ kept_until: inFuture(dialect, "term_ms") })
    .where("kept_until", "is", null);
}

function findingShortest(dialect: Dialect) {
  return dialect.queries
    .selectFrom("bodies")
    .select((eb) => sql<number | null>`${eb.fn.min("kept_until")} - ${counted(dialect)}`.as("left_ms"));
}

function sweeping(dialect: Dialect) {
  return dialect.queries.deleteFrom("bodies").where("id", "in", (eb) =>
    eb
      .selectFrom("bodies")
      .where("kept_until", "<=", counted(dialect))
      .orderBy("kept_until")
      .limit(dialect.setting<number>("limit", "integer"))
      .select("id")
      .$if(dialect.isConcurrent, (query) => query.forUpdate().skipLocked()),
  );
}

/** The time that has been counted. */
function counted({ queries }: Dialect) {
  return sql<number>`(${queries.selectFrom("body_time").select("counted_ms")})`;
}

/** A moment from now, by the name of a setting; null without it. */
function inFuture(dialect: Dialect, name: string) {
  return sql<number>`${counted(dialect)} + ${dialect.setting<number>(name, "integer")}`;
}
