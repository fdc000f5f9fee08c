// Sends jobs until it is killed, sixteen at a time and now and then one alone, and prints each id once it has been stored.
import { writeSync } from "node:fs";
import { sqliteQueue } from "../../../src/queue/drivers/sqlite.ts";

const [file = "", prefix = ""] = process.argv.slice(2);
const queue = sqliteQueue({ file });

async function send(id: string): Promise<void> {
  await queue.send({ id, handler: "Work", head: "{}", body: Buffer.alloc(2_000, id) });
  writeSync(1, `${id}\n`);
}

for (let round = 0; ; round++) {
  await Promise.all(Array.from({ length: round % 3 === 0 ? 16 : 1 }, (_, index) => send(`${prefix}-${round}-${index}`)));
}
