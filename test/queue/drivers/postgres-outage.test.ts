import { createServer } from "node:net";
import { afterAll, afterEach, beforeEach, expect, it } from "@jest/globals";
import { ConfigurationError, describeError, isWebhookError } from "../../../src/errors.ts";
import { type PostgresQueue, postgresQueue } from "../../../src/queue/drivers/postgres.ts";
import { dropSchema, newPool, newSchema, urlWith } from "../../postgres/schema.ts";
import { describeWith, isServiceThere } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { newJob } from "../conformance.ts";

const leaseMs = 60_000;
const claim = { limit: 1_000, leaseMs };

describeWith("postgres", await isServiceThere("postgres"), "the PostgreSQL queue and a server that fails", () => {
  const pool = newPool();
  let schema: string;
  let queue: PostgresQueue;

  beforeEach(() => {
    schema = newSchema();
    queue = postgresQueue({ connection: urlWith({ application_name: schema }), schema });
  });
  afterEach(async () => {
    await queue.close();
    await dropSchema(pool, schema);
  });
  afterAll(() => pool.end());

  /** Ends the connections of this test's queue on the server's side; answers how many there were. */
  const endConnections = async () => {
    const sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
    return (await pool.query(sql, [schema])).rowCount ?? 0;
  };
  const thrownBy = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);
  const everythingIn = (error: unknown): string => {
    if (!(error instanceof Error)) return describeError(error);
    const members = Object.getOwnPropertyNames(error).map((name) => `${name}=${describeError(Reflect.get(error, name))}`);
    return [describeError(error), ...members, "cause" in error ? everythingIn(error.cause) : ""].join("\n");
  };

  it("loses no accepted job when its connections break again and again, and works on by itself", async () => {
    const accepted: string[] = [];
    let isOver = false;
    const send = async (sender: number) => {
      for (let index = 0; !isOver; index++) {
        const id = `${sender}/${index}`;
        const error = await thrownBy(queue.send(newJob(id)));
        if (error === undefined) accepted.push(id);
        else expect(error).toMatchObject({ code: "queue_unavailable" });
      }
    };
    const senders = [1, 2, 3, 4].map(send);
    for (let round = 0, ended = 0; round < 5; round++) {
      const reached = accepted.length + 100;
      await until(() => accepted.length >= reached);
      ended += await endConnections();
      if (round === 4) expect(ended).toBeGreaterThan(0);
    }
    const reached = accepted.length + 100;
    await until(() => accepted.length >= reached);
    isOver = true;
    await Promise.all(senders);
    const stored = new Set((await queue.list({ state: "open", limit: 100_000 })).jobs.map(({ id }) => id));
    expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
  });

  it("rejects what was under way when its connection broke, and claims on", async () => {
    await queue.send(newJob("a"));
    const client = await pool.connect();
    await client.query(`BEGIN; LOCK TABLE "${schema}".jobs`);
    const claiming = thrownBy(queue.claim(claim));
    const waiting = "SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
    await until(async () => (await pool.query(waiting, [schema])).rowCount === 1);
    await endConnections();
    expect(await claiming).toMatchObject({ code: "queue_unavailable", cause: { code: "57P01" } });
    await client.query("COMMIT");
    client.release();
    expect((await queue.claim(claim)).jobs).toHaveLength(1);
  });

  it("listens again after the connection has broken, and looks for what it has missed", async () => {
    let calls = 0;
    const stop = queue.watch(() => calls++);
    await until(() => calls > 0);
    calls = 0;
    expect(await endConnections()).toBeGreaterThan(0);
    await until(() => calls > 0);
    calls = 0;
    const other = postgresQueue({ connection: pool, schema });
    await other.send(newJob("a"));
    await other.close();
    await until(() => calls > 0);
    stop();
  });

  it("leaves no connection behind when it is closed, listening and in use", async () => {
    const count = async () => (await pool.query("SELECT FROM pg_stat_activity WHERE application_name = $1", [schema])).rowCount;
    queue.watch(() => {});
    const sends = Array.from({ length: 50 }, (_, index) => queue.send(newJob(`job-${index}`)));
    await Promise.all([queue.claim(claim), queue.list({ state: "open" }), ...sends]);
    expect(await count()).toBeGreaterThan(0);
    const last = queue.send(newJob("last"));
    await queue.close();
    await last;
    await until(async () => (await count()) === 0);
  });

  it("rejects within bounded time where nobody answers, and where somebody does but says nothing", async () => {
    const silent = createServer((socket) => void socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { readonly port: number };
    const mute = postgresQueue({ connection: urlWith({ port: String(port), password: "hush" }), schema });
    expect(await thrownBy(mute.send(newJob("a")))).toMatchObject({ code: "queue_unavailable" });
    await mute.close();
    await new Promise((resolve) => silent.close(resolve));
    const absent = postgresQueue({ connection: urlWith({ port: String(port), password: "hush" }), schema });
    const error = await thrownBy(absent.claim(claim));
    expect(error).toMatchObject({ code: "queue_unavailable", cause: { code: "ECONNREFUSED" } });
    expect(everythingIn(error)).not.toContain("hush");
    await absent.close();
  }, 20_000);

  it("says what is wrong with a connection string, without the password", async () => {
    const wrong = [
      urlWith({ database: "no_such_database", password: "hush" }),
      urlWith({ username: "no_such_role", password: "hush" }),
      "postgres://user:hush@[not-an-address/test",
    ];
    for (const connection of wrong) {
      const other = postgresQueue({ connection, schema });
      const error = await thrownBy(other.send(newJob("a")));
      expect(isWebhookError(error)).toBe(true);
      expect(error).toMatchObject({ code: "invalid_options" });
      expect(everythingIn(error)).not.toContain("hush");
      await other.close();
    }
    expect(() => postgresQueue({ connection: "" })).toThrow(ConfigurationError);
    expect(() => postgresQueue({ connection: urlWith({}), schema: "pg_mine" })).toThrow(ConfigurationError);
  });

  it("says so where a role may not make the tables, and needs no more than to use them once they are there", async () => {
    const role = `role_${schema}`;
    await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'hush'`);
    const guest = postgresQueue({ connection: urlWith({ username: role, password: "hush" }), schema });
    try {
      expect(await thrownBy(guest.send(newJob("a")))).toMatchObject({ code: "invalid_options", cause: { code: "42501" } });
      await queue.send(newJob("b"));
      await pool.query(`GRANT USAGE ON SCHEMA "${schema}" TO ${role}`);
      await pool.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO ${role}`);
      await guest.send(newJob("a", { ordering: { key: "k", afterDead: "wait" } }));
      const { jobs } = await guest.claim(claim);
      await guest.claim({ ...claim, settle: jobs.map(({ id, lease }) => ({ id, lease, outcome: "acknowledge" })) });
      expect((await guest.list({ state: "open" })).total).toBe(0);
    } finally {
      await guest.close();
      await dropSchema(pool, schema);
      await pool.query(`DROP ROLE ${role}`);
    }
  });

  it("does not keep a connection to a server that only reads by now", async () => {
    await queue.send(newJob("a"));
    const one = newPool({ max: 1 });
    await one.query("SET default_transaction_read_only = on"); // as on a primary that has become a standby
    const ours = postgresQueue({ connection: one, schema });
    expect(await thrownBy(ours.send(newJob("b")))).toMatchObject({ code: "queue_unavailable", cause: { code: "25006" } });
    await ours.send(newJob("c")); // through a new connection, which leads to the new primary
    await ours.close();
    await one.end();
  });

  it("outlives a connection that breaks in the moment in which it is handed out", async () => {
    const message = (type: string, body: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(4 + body.length);
      return Buffer.concat([Buffer.from(type), length, body]);
    };
    const endedAtOnce = Buffer.concat([
      message("R", Buffer.alloc(4)),
      message("Z", Buffer.from("I")),
      message("E", Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0")),
    ]);
    const server = createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end(endedAtOnce)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { readonly port: number };
    const dying = postgresQueue({ connection: `postgres://nobody@127.0.0.1:${port}/none` });
    await expect(dying.send(newJob("a"))).rejects.toMatchObject({ code: "queue_unavailable" });
    await dying.close();
    server.close();
  });
});
