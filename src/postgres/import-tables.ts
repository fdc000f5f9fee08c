import { binaryArray } from "./binary-array.ts";
import { durablySql, idHash, orderingKey } from "./jobs.ts";
import { toColumn } from "./text.ts";

/** A row of another database, by column name. Text of the queue's is bytes; text of the store's is as {@link toColumn} writes it. */
export type ForeignRow = Readonly<Record<string, null | number | string | Uint8Array>>;

/** What turns foreign rows into ours. */
export interface ImportContext {
  /** The schema as a quoted identifier. */
  readonly schema: string;
  /** How far the server's clock is ahead of the time that foreign rows are in, in milliseconds. */
  readonly aheadMs: number;
}

/** A table that rows are brought to. */
export interface ImportTable {
  /** Its tables, each of which gets one row for a row that is stored. */
  readonly names: readonly string[];
  /** SQL that stores rows unless their ids are there; it answers how many it stored, as `stored`. */
  sql(schema: string): string;
  values(rows: readonly ForeignRow[], context: ImportContext): unknown[];
}

/** Where rows are brought to. */
export const importTables = {
  jobs: {
    names: ["job_contents", "jobs"],
    sql: insertJobsSql,
    values: jobValues,
  },
  deliveries: {
    names: ["deliveries"],
    // What has run out here, and was not yet swept, is as good as not there.
    sql: (schema) =>
      storing(`
        INSERT INTO ${schema}.deliveries (delivery, body_checksum, expires_at)
        SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::bigint[])
        ON CONFLICT (delivery) DO UPDATE SET body_checksum = excluded.body_checksum, expires_at = excluded.expires_at
          WHERE deliveries.expires_at <= extract(epoch FROM clock_timestamp()) * 1000`),
    values: (rows, { aheadMs }) => [column(rows, "delivery"), column(rows, "body_checksum"), times(rows, "expires_at", aheadMs)],
  },
  outbox: {
    names: ["outbox"],
    sql: (schema) => storing(wholeJobsSql(`${schema}.outbox`, { taken_until: "bigint" })),
    values: (rows, { aheadMs }) => [...wholeJobs(rows), times(rows, "taken_until", aheadMs)],
  },
  bodies: {
    names: ["bodies"],
    sql: (schema) =>
      storing(`INSERT INTO ${schema}.bodies (id, body) SELECT unnest($1::text[]), unnest($2::bytea[]) ON CONFLICT (id) DO NOTHING`),
    values: (rows) => [column(rows, "id"), bytes(rows, "body")],
  },
  deadLetters: {
    names: ["dead_letters"],
    sql: (schema) => storing(wholeJobsSql(`${schema}.dead_letters`, { attempts: "integer", reason: "text", dead_at: "bigint" })),
    values: (rows) => [...wholeJobs(rows), column(rows, "attempts"), column(rows, "reason"), column(rows, "dead_at")],
  },
} as const satisfies Readonly<Record<string, ImportTable>>;

/** One of them. */
export type ImportedTable = keyof typeof importTables;

function storing(insert: string): string {
  return `WITH stored AS (${insert} RETURNING 1) SELECT count(*)::integer AS stored FROM stored`;
}

// The times in these two tables are as the sender's clock had them.
const wholeJobTypes = {
  id: "text",
  handler: "text",
  head: "text",
  body: "bytea",
  due_at: "bigint",
  job_group: "text",
  ordering_key: "text",
  after_dead: "text",
};

function wholeJobsSql(table: string, more: Readonly<Record<string, string>>): string {
  const types = Object.entries({ ...wholeJobTypes, ...more });
  const values = types.map(([, type], index) => `unnest($${index + 1}::${type}[])`);
  return `INSERT INTO ${table} (${types.map(([name]) => name).join(", ")}) SELECT ${values.join(", ")} ON CONFLICT (id) DO NOTHING`;
}

function wholeJobs(rows: readonly ForeignRow[]): unknown[] {
  return Object.keys(wholeJobTypes).map((name) => (name === "body" ? bytes(rows, name) : column(rows, name)));
}

/**
 * A job with an ordering key comes as "new" and is given its place by whoever claims, like every other; a dead letter that lets others
 * pass goes aside; one that holds them up is given its place by {@link placeHoldingSql}, before the commit.
 */
function insertJobsSql(schema: string): string {
  return `
    WITH input AS MATERIALIZED (
      SELECT row_number() OVER () AS number, rows.* FROM (
        SELECT unnest($1::bytea[]) AS id_hash, unnest($2::text[]) AS id, unnest($3::text[]) AS handler, unnest($4::text[]) AS group_name,
          unnest($5::text[]) AS head, unnest($6::bytea[]) AS body, to_timestamp(unnest($7::double precision[]) / 1000) AS due_at,
          unnest($8::bigint[]) AS ordering_key, unnest($9::boolean[]) AS waits_for_dead, unnest($10::integer[]) AS attempts,
          unnest($11::integer[]) AS crashes, unnest($12::boolean[]) AS is_held,
          to_timestamp(unnest($13::double precision[]) / 1000) AS dead_at, unnest($14::text[]) AS reason
      ) AS rows
    ),
    stored AS (
      INSERT INTO ${schema}.job_contents (id_hash, id, handler, group_name, head, body, due_at, ordering_key, waits_for_dead)
      SELECT id_hash, id, handler, group_name, head, body, due_at, ordering_key, waits_for_dead FROM input ORDER BY number
      ON CONFLICT (id_hash) DO NOTHING
      RETURNING seq, id_hash
    ),
    placed AS (
      INSERT INTO ${schema}.jobs
        (seq, due_at, ordering_key, lease, attempts, crashes, place, is_held, waits_for_dead, group_name, dead_at, reason)
      SELECT seq, due_at, ordering_key, floor(random() * 1000000000), attempts, crashes,
        CASE WHEN ordering_key IS NULL THEN 0 WHEN dead_at IS NOT NULL AND NOT waits_for_dead THEN 3 ELSE 1 END,
        is_held, waits_for_dead, group_name, dead_at, reason
      FROM stored JOIN input USING (id_hash)
    )
    SELECT count(*)::integer AS stored, ${durablySql} FROM stored`;
}

/**
 * Gives dead letters that hold up others their places, those that were just brought: first of the key, unless another is; else in line.
 * The caller has locked the table against writers in an earlier statement, so that no key changes hands meanwhile.
 */
export function placeHoldingSql(schema: string): string {
  return `
    WITH holding AS MATERIALIZED (SELECT seq, ordering_key FROM ${schema}.jobs WHERE place = 1 AND dead_at IS NOT NULL),
    first AS MATERIALIZED (
      SELECT min(seq) AS seq FROM ${schema}.jobs
      WHERE place IN (1, 2) AND ordering_key IN (SELECT ordering_key FROM holding)
        AND NOT EXISTS (SELECT FROM ${schema}.jobs AS other WHERE other.ordering_key = jobs.ordering_key AND other.place = 0)
      GROUP BY ordering_key
    ),
    changed AS MATERIALIZED (
      SELECT seq, bool_or(is_first) AS is_first
      FROM (SELECT seq, true AS is_first FROM first UNION ALL SELECT seq, false FROM holding) AS each
      GROUP BY seq
    )
    UPDATE ${schema}.jobs SET place = CASE WHEN is_first THEN 0 ELSE 2 END FROM changed WHERE jobs.seq = changed.seq`;
}

function jobValues(rows: readonly ForeignRow[], { schema, aheadMs }: ImportContext): unknown[] {
  const ids = rows.map((row) => textOf(row["id"]) ?? "");
  const texts = (name: string) =>
    binaryArray(
      "text",
      rows.map((row) => toColumn(textOf(row[name]) ?? "")),
    );
  const keys = rows.map((row) => textOf(row["ordering_key"]));
  return [
    binaryArray("bytea", ids.map(idHash)),
    texts("id"),
    texts("handler"),
    texts("group_name"),
    texts("head"),
    bytes(rows, "body"),
    times(rows, "due_at", aheadMs),
    keys.map((key) => (key === null ? null : orderingKey(key, schema))),
    rows.map((row) => row["after_dead"] === "wait"),
    column(rows, "attempts"),
    column(rows, "crashes"),
    rows.map((row) => row["held"] === 1),
    times(rows, "dead_at", aheadMs),
    rows.map((row) => toNullable(textOf(row["reason"]))),
  ];
}

function toNullable(text: string | null): string | null {
  return text === null ? null : toColumn(text);
}

function textOf(value: ForeignRow[string] | undefined): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString() : String(value);
}

function column(rows: readonly ForeignRow[], name: string): unknown[] {
  return rows.map((row) => row[name] ?? null);
}

function bytes(rows: readonly ForeignRow[], name: string): Buffer {
  return binaryArray(
    "bytea",
    rows.map((row) => (row[name] instanceof Uint8Array ? row[name] : new Uint8Array())),
  );
}

/** A time long ago is as good as 1970, and the server knows none that is very long ago. */
function times(rows: readonly ForeignRow[], name: string, aheadMs: number): (number | null)[] {
  return rows.map(({ [name]: time }) => (typeof time === "number" ? Math.max(0, time + aheadMs) : null));
}
