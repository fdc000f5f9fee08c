import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { capabilitiesOf } from "../../src/queue/capabilities.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { openQueue, type QueueSpec } from "../queue/open-queue.ts";
import type { ApplicationOptions } from "./app.ts";
import { deliveryIdIn } from "./head.ts";

/** What a trial's databases hold at some moment. */
export interface Holding {
  /** Fingerprints of the deliveries that are recorded. */
  readonly deliveries: ReadonlySet<string>;
  /** Jobs still to be done; undefined where the engine does not count them. */
  readonly open: number | undefined;
  /** Dead letters: the attempts of each delivery. */
  readonly dead: ReadonlyMap<string, number>;
  /** Those that the store keeps instead of the queue: none where the engine can keep its own. */
  readonly letters: ReadonlyMap<string, number>;
  /** How often each delivery had its effect. */
  readonly effects: ReadonlyMap<string, number>;
  /** Rows that must all be gone in the end, by their table. */
  readonly leftOver: Readonly<Record<string, number>>;
}

/** Where a trial keeps what it keeps. */
export interface Place {
  readonly options: Pick<ApplicationOptions, "database" | "queue" | "effects">;
  look(): Promise<Holding>;
  close(): Promise<void>;
}

type Row = Readonly<Record<string, unknown>>;
type Query = (sql: string) => Promise<readonly Row[]>;

const effectsTable = "CREATE TABLE effects (delivery TEXT NOT NULL)";
const effectsQuery = "SELECT delivery, count(*) AS count FROM effects GROUP BY delivery";

/** A file, its effects in another one; and perhaps a queue elsewhere. */
export function sqlitePlace({
  file,
  directory,
  queue,
}: {
  readonly file: string;
  readonly directory: string;
  readonly queue?: QueueSpec;
}): Place {
  const effects = join(directory, "effects.db");
  const setUp = new DatabaseSync(effects);
  setUp.exec(`PRAGMA journal_mode = wal; ${effectsTable}`);
  setUp.close();
  const queryOf = (path: string) => async (sql: string) => {
    const database = new DatabaseSync(path, { timeout: 5_000 });
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  };
  const query = queryOf(file);
  let opened: Promise<Queue> | undefined;
  return {
    options: { database: file, effects: { file: effects }, ...(queue ? { queue } : {}) },
    look: async () => {
      const holding = await lookAt(query, { schema: "", contents: "job_bodies" });
      const made = { effects: countsOf(await queryOf(effects)(effectsQuery)) };
      if (!queue) return { ...holding, ...made };
      opened ??= openQueue(queue);
      return { ...holding, ...made, ...(await lookAtQueue(await opened, holding)) };
    },
    close: async () => (await opened)?.close(),
  };
}

/** A database of its own on a server, its effects in the same. */
export async function postgresPlace(connection: string, name: string, tablespace?: string): Promise<Place> {
  const server = new pg.Client({ connectionString: connection });
  await server.connect();
  await server.query(`CREATE DATABASE ${name}${tablespace ? ` TABLESPACE ${tablespace}` : ""}`);
  await server.end();
  const url = new URL(connection);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 1, connectionTimeoutMillis: 5_000 });
  pool.on("error", () => {});
  await pool.query(effectsTable);
  const query = async (sql: string) => (await pool.query(sql)).rows;
  return {
    options: { database: url.href, effects: { connection: url.href } },
    look: async () => {
      const holding = await lookAt(query, { schema: "hookwright.", contents: "job_contents" });
      return { ...holding, effects: countsOf(await query(effectsQuery)) };
    },
    close: () => pool.end(),
  };
}

async function lookAt(query: Query, { schema, contents }: { readonly schema: string; readonly contents: string }) {
  const count = async (rows: string) => Number((await query(`SELECT count(*) AS count FROM ${schema}${rows}`))[0]?.["count"]);
  const deliveries = await query(`SELECT delivery FROM ${schema}deliveries`);
  const jobs = `${schema}jobs JOIN ${schema}${contents} USING (seq)`;
  const dead = await query(`SELECT head, attempts FROM ${jobs} WHERE dead_at IS NOT NULL`);
  return {
    deliveries: new Set(deliveries.map(({ delivery }) => String(delivery))),
    open: await count("jobs WHERE dead_at IS NULL"),
    dead: attemptsOf(dead),
    letters: attemptsOf(await query(`SELECT head, attempts FROM ${schema}dead_letters`)),
    leftOver: {
      "contents of no job": await count(`${contents} WHERE seq NOT IN (SELECT seq FROM ${schema}jobs)`),
      // PostgreSQL leaves behind what had run out from the start, for a sweep after some thousand deliveries.
      claims: await count("claims WHERE expires_at > 0"),
      outbox: await count("outbox"),
      bodies: await count("bodies"),
    },
  };
}

/** What a queue elsewhere holds. Where its engine keeps no dead letters, the store beside it does. */
async function lookAtQueue(queue: Queue, { letters }: Pick<Holding, "letters">): Promise<Partial<Holding>> {
  const { deadLetters, counts, lists } = capabilitiesOf(queue);
  const open = counts === "exact" && lists ? (await queue.list({ state: "open", limit: 0 })).total : undefined;
  if (!deadLetters) return { open, dead: letters, letters: new Map() };
  const { jobs } = await queue.list({ state: "dead", limit: 1_000 });
  return { open, dead: new Map(jobs.map(({ head, attempts }) => [deliveryIdIn(head), attempts])) };
}

function attemptsOf(letters: readonly Row[]): ReadonlyMap<string, number> {
  return new Map(letters.map(({ head, attempts }) => [deliveryIdIn(String(head)), Number(attempts)]));
}

function countsOf(rows: readonly Row[]): ReadonlyMap<string, number> {
  return new Map(rows.map(({ delivery, count }) => [String(delivery), Number(count)]));
}
