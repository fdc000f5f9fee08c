import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createWebhooks, handler, silentLogger, WebhookQueueHandler } from "hookwright";
import { sqliteQueue } from "hookwright/queue/sqlite";
import { github } from "hookwright/receivers/github";
import { median } from "../measure.ts";
import { bodies, secret } from "../payloads.ts";
import { round } from "../report.ts";
import { withTemporaryDirectory } from "../temporary-directory.ts";

const jobs = 3_000;

/** Claim and acknowledge: our worker, and the loop that most people write, each on SQLite with synchronous=FULL. */
export async function jobByJob(rounds: number): Promise<void> {
  const rates: Record<string, number[]> = { "job by job": [], worker: [], "worker, 300,000 behind": [] };
  await withTemporaryDirectory(async (directory) => {
    const backlog = join(directory, "backlog.db");
    await fill(backlog, 300_000, Buffer.from("{}"), "1970-01-02");
    for (let index = 0; index < rounds; index++) {
      rates["job by job"]?.push(loopByHand(join(directory, `loop-${index}.db`)));
      const file = join(directory, `worker-${index}.db`);
      await fill(file, jobs, bodies.large, "1970-01-01");
      rates["worker"]?.push(await work(file));
      await fill(backlog, jobs, bodies.large, "1970-01-01");
      rates["worker, 300,000 behind"]?.push(await work(backlog));
    }
  });
  const base = median(rates["job by job"] ?? []);
  console.log(`\nClaim and acknowledge, ${jobs} jobs of ${bodies.large.length} bytes, no-op handler (ratio against job by job)`);
  console.table(
    Object.fromEntries(
      Object.entries(rates).map(([name, values]) => [name, { "jobs/s": Math.round(median(values)), ratio: round(median(values) / base) }]),
    ),
  );
}

/** Sends jobs through the driver; those of an earlier day are claimed first. */
async function fill(file: string, count: number, body: Buffer, day: string): Promise<void> {
  const target = sqliteQueue({ file });
  const head = JSON.stringify({
    version: 1,
    receiver: "github",
    id: "default",
    events: ["push"],
    receivedAt: day,
    method: "POST",
    headers: {},
    query: {},
    secretIndex: 0,
    bodyBound: true,
  });
  for (let done = 0; done < count; ) {
    const batch = Math.min(2_000, count - done);
    await Promise.all(
      Array.from({ length: batch }, () => target.send({ id: crypto.randomUUID(), handler: "work", head, body, dueAt: new Date(day) })),
    );
    done += batch;
  }
  await target.close();
}

async function work(file: string): Promise<number> {
  let seen = 0;
  let first = 0;
  let finish: (rate: number) => void = () => {};
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  class Work extends WebhookQueueHandler {
    process(): void {
      if (seen === 0) first = performance.now();
      if (++seen === jobs) finish(jobs / ((performance.now() - first) / 1000));
    }
  }
  handler({ name: "work" })(Work);
  const webhooks = createWebhooks({
    receivers: [github],
    handlers: [Work],
    secrets: { github: secret },
    database: file,
    logger: silentLogger,
  });
  await webhooks.start();
  const rate = await finished;
  await webhooks.close();
  return rate;
}

/** Claims one, parses it, deletes it: two transactions a job. */
function loopByHand(file: string): number {
  const database = new DatabaseSync(file);
  database.exec(
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT, body BLOB); CREATE INDEX ready ON jobs (id) WHERE state = 'ready'; BEGIN",
  );
  const insert = database.prepare("INSERT INTO jobs (state, body) VALUES ('ready', ?)");
  for (let i = 0; i < jobs; i++) insert.run(bodies.large);
  database.exec("COMMIT");
  const claim = database.prepare(
    "UPDATE jobs SET state = 'leased' WHERE id = (SELECT id FROM jobs WHERE state = 'ready' ORDER BY id LIMIT 1) RETURNING id, body",
  );
  const acknowledge = database.prepare("DELETE FROM jobs WHERE id = ?");
  const start = performance.now();
  for (let i = 0; i < jobs; i++) {
    const job = claim.get() as { id: number; body: Uint8Array };
    JSON.parse(Buffer.from(job.body).toString("utf8"));
    acknowledge.run(job.id);
  }
  const rate = jobs / ((performance.now() - start) / 1000);
  database.close();
  return rate;
}
