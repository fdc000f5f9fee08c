// Opens a database, which migrates it, writes one row, and closes it.
import { openDatabase } from "../../src/sqlite/index.ts";

const [file = "", name = ""] = process.argv.slice(2);
const database = openDatabase({ file });
const sql = "INSERT INTO jobs (id, handler, due_at, lease) VALUES (?, 'Work', 0, 0)";
await database.execute({ statements: [{ sql, params: [name], get: "none" }], durable: true });
await database.close();
