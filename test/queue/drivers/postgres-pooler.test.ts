import { EventEmitter } from "node:events";
import { afterAll, afterEach, beforeEach, expect, it } from "@jest/globals";
import type pg from "pg";
import type { PostgresPool, PostgresPoolClient, PostgresStatement } from "../../../src/postgres/client.ts";
import { type PostgresQueue, postgresQueue } from "../../../src/queue/drivers/postgres.ts";
import type { LeasedJob } from "../../../src/queue/queue.ts";
import { dropSchema, newPool, newSchema } from "../../postgres/schema.ts";
import { describeWith, isServiceThere } from "../../support/services.ts";
import { newJob } from "../conformance.ts";

/**
 * A client as it is behind a pooler of transactions, such as PgBouncer: each transaction, or statement outside of one, runs on whatever
 * session of the server is free, and nothing of the session outlives it.
 */
class PooledTransactions extends EventEmitter {
  readonly #sessions: pg.Pool;
  #session: pg.PoolClient | undefined;
  #isInTransaction = false;

  constructor(sessions: pg.Pool) {
    super();
    this.#sessions = sessions;
  }

  async query(statement: PostgresStatement | string, values?: unknown[]) {
    if (typeof statement === "object" && statement.name !== undefined) throw new Error("A prepared statement is in one session only.");
    const session = (this.#session ??= await this.#sessions.connect());
    const text = typeof statement === "string" ? statement : statement.text;
    if (text.startsWith("BEGIN")) this.#isInTransaction = true;
    if (/^(COMMIT|ROLLBACK)/.test(text)) this.#isInTransaction = false;
    try {
      return await session.query(text, typeof statement === "string" ? values : statement.values);
    } finally {
      if (!this.#isInTransaction) await this.#leave(session);
    }
  }

  async #leave(session: pg.PoolClient): Promise<void> {
    this.#session = undefined;
    await session.query("DISCARD ALL");
    session.release();
  }

  release(): void {
    if (this.#session) throw new Error("A transaction was left open.");
  }
}

describeWith("postgres", await isServiceThere("postgres"), "the PostgreSQL queue behind a pooler of transactions", () => {
  const sessions = newPool({ max: 6 });
  let schema: string;
  let queue: PostgresQueue;

  beforeEach(() => {
    schema = newSchema();
    const pool: PostgresPool = Object.assign(new EventEmitter(), {
      connect: async () => new PooledTransactions(sessions) as unknown as PostgresPoolClient,
      end: async () => {},
    });
    queue = postgresQueue({ connection: pool, schema });
  });
  afterEach(async () => {
    await queue.close();
    await dropSchema(sessions, schema);
  });
  afterAll(() => sessions.end());

  const leaseMs = 60_000;
  const acknowledge = ({ id, lease }: LeasedJob) => ({ id, lease, outcome: "acknowledge" }) as const;

  it("makes the tables, stores, hands out in order, renews and settles, whatever session each transaction has", async () => {
    const stop = queue.watch(() => {});
    const ordering = { key: "k", afterDead: "wait" } as const;
    const sent = Array.from({ length: 60 }, (_, index) => newJob(`job-${index}`, index % 3 === 0 ? { ordering } : {}));
    await Promise.all(sent.map((job) => queue.send(job)));
    const seen: string[] = [];
    for (let settle: ReturnType<typeof acknowledge>[] = []; ; ) {
      const { jobs, lost } = await queue.claim({ limit: 7, leaseMs, settle });
      expect(lost).toEqual([]);
      expect(await queue.renew(jobs, leaseMs)).toEqual([]);
      if (jobs.length === 0) break;
      seen.push(...jobs.map(({ id }) => id));
      settle = jobs.map(acknowledge);
    }
    const keyed = sent.filter((job) => job.ordering).map(({ id }) => id);
    expect(seen.filter((id) => keyed.includes(id))).toEqual(keyed);
    expect(new Set(seen).size).toBe(60);
    expect((await queue.list({ state: "open" })).total).toBe(0);
    stop();
  });
});
