// Uses a database and does not close it: the process ends all the same, and says nothing.
import { openDatabase } from "../../src/sqlite/index.ts";

const [file = ""] = process.argv.slice(2);
const read = { statements: [{ sql: "SELECT 1 AS one", params: [], get: "rows" }], durable: false } as const;
const database = openDatabase({ file });
for (let count = 0; count < 10; count++) await database.execute(read);
console.log("done");
