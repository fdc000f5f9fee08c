// A process of its own: it uses a queue, closes it, and must then end by itself.
import { azureStorageQueue } from "../../src/queue/drivers/azure-storage.ts";

const [connection = "", name = ""] = process.argv.slice(2);
const queue = azureStorageQueue({ connection, name });
await Promise.all(
  Array.from({ length: 20 }, (_, index) => queue.send({ id: `job-${index}`, handler: "Work", head: "{}", body: Buffer.from("x") })),
);
const { jobs } = await queue.claim({ limit: 20, leaseMs: 60_000 });
await queue.renew(jobs, 60_000);
await queue.close();
console.log(jobs.length);
