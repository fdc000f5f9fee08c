// Ends the database thread while commands are pending, and prints what became of them and of the next one.
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../src/sqlite/index.ts";

const [file = ""] = process.argv.slice(2);
const threads = new Set<{ terminate(): Promise<number> }>();
process.on("worker", (thread) => threads.add(thread));

const database = openDatabase({ file });
const read = { statements: [{ sql: "SELECT count(*) AS total FROM jobs", params: [], get: "rows" }], durable: false } as const;
const outcomes = async (count: number) =>
  (await Promise.allSettled(Array.from({ length: count }, () => database.execute(read)))).map((each) =>
    each.status === "fulfilled" ? "done" : each.reason.code,
  );

const before = await outcomes(2);
const other = new DatabaseSync(file); // its lock keeps the commands pending
other.exec("BEGIN IMMEDIATE");
const during = outcomes(2);
for (const thread of threads) void thread.terminate();
other.close();
const after = [await during, await outcomes(1)];
await database.close();
console.log(JSON.stringify({ before, during: after[0], after: after[1] }));
