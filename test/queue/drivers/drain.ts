// Claims and acknowledges jobs until there are none, and prints their ids.
import { sqliteQueue } from "../../../src/queue/drivers/sqlite.ts";
import type { LeasedJob, Settlement } from "../../../src/queue/queue.ts";

const [file = ""] = process.argv.slice(2);
const queue = sqliteQueue({ file });
const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });

let settle: readonly Settlement[] = [];
do {
  const { jobs } = await queue.claim({ limit: 10, leaseMs: 60_000, settle });
  for (const { id } of jobs) console.log(id);
  settle = jobs.map(acknowledge);
} while (settle.length > 0);
await queue.close();
