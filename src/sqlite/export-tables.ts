/** What is moved out of a file: the tables of the queue and of the store, without what belongs to processes that live at the moment. */
export const exportedTables = ["jobs", "deliveries", "outbox", "bodies", "deadLetters"] as const;

/** A table of which rows are moved. */
export type ExportedTable = (typeof exportedTables)[number];

/** The list of what a move is about to take, kept in the file until the move is over: see `export.ts`. */
export const listTables = `
  CREATE TABLE moves (id TEXT NOT NULL) STRICT;
  CREATE TABLE moving (kind TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (kind, seq)) STRICT, WITHOUT ROWID;`;

/** Removes it. */
export const dropListTables = "DROP TABLE moving; DROP TABLE moves;";

/** Tables whose rows are listed, and the column that numbers them. A number may be given again, so a row is known by its id as well. */
const listed = {
  jobs: { table: "jobs", seq: "seq" },
  outbox: { table: "outbox", seq: "seq" },
  bodies: { table: "bodies", seq: "rowid" },
  deadLetters: { table: "dead_letters", seq: "seq" },
} as const;

type ListedTable = keyof typeof listed;

const listedTables = Object.keys(listed) as readonly ListedTable[];

/** Lists all rows that there are. */
export const listSql = listedTables
  .map((kind) => `INSERT INTO moving (kind, seq, id) SELECT '${kind}', ${listed[kind].seq}, id FROM ${listed[kind].table};`)
  .join("\n");

/** Deletes what is listed, each row if it is still the same. The order is that of the list, in which the first of an ordering key comes first. */
export const deleteListedSql = listedTables
  .map(
    (kind) => `DELETE FROM ${listed[kind].table} WHERE ${listed[kind].seq} IN (SELECT rows.${listed[kind].seq} FROM ${fromListed(kind)});`,
  )
  .join("\n");

function fromListed(kind: ListedTable): string {
  const { table, seq } = listed[kind];
  return `moving CROSS JOIN ${table} AS rows ON rows.${seq} = moving.seq AND rows.id = moving.id AND moving.kind = '${kind}'`;
}

// Text of the queue is read as bytes, because Node 22 cuts a string column off at its first NUL; text of the store holds none.
const asBytes = (name: string) => `CAST(rows.${name} AS BLOB) AS ${name}`;
const jobColumns = "rows.id, rows.handler, rows.head, rows.body, rows.due_at, rows.job_group, rows.ordering_key, rows.after_dead";

/** Reads what is moved, in order. A delivery is moved whether listed or not, since to record one twice does no harm. */
export const readSql: Readonly<Record<ExportedTable, string>> = {
  jobs: `
    SELECT ${["id", "handler", "group_name", "ordering_key", "reason"].map(asBytes).join(", ")}, CAST(contents.head AS BLOB) AS head,
      contents.body, rows.after_dead, rows.due_at, rows.attempts, rows.crashes, rows.held, rows.dead_at
    FROM ${fromListed("jobs")} CROSS JOIN job_bodies AS contents ON contents.seq = rows.seq ORDER BY moving.seq`,
  deliveries: "SELECT delivery, body_checksum, expires_at FROM deliveries WHERE expires_at > ? ORDER BY delivery",
  outbox: `SELECT ${jobColumns}, rows.taken_until FROM ${fromListed("outbox")} ORDER BY moving.seq`,
  bodies: `SELECT rows.id, rows.body FROM ${fromListed("bodies")} ORDER BY moving.seq`,
  deadLetters: `SELECT ${jobColumns}, rows.attempts, rows.reason, rows.dead_at FROM ${fromListed("deadLetters")} ORDER BY moving.seq`,
};

/** Counts what {@link readSql} has to give. */
export const countSql: Readonly<Record<ExportedTable, string>> = {
  jobs: `SELECT count(*) AS total FROM ${fromListed("jobs")}`,
  deliveries: "SELECT count(*) AS total FROM deliveries WHERE expires_at > ?",
  outbox: `SELECT count(*) AS total FROM ${fromListed("outbox")}`,
  bodies: `SELECT count(*) AS total FROM ${fromListed("bodies")}`,
  deadLetters: `SELECT count(*) AS total FROM ${fromListed("deadLetters")}`,
};
