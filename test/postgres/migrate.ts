// Opens a database, which makes the tables, writes one row, and closes it.
import { openPostgres } from "../../src/postgres/index.ts";

const [connection = "", schema = "", key = ""] = process.argv.slice(2);
const database = openPostgres({ connection, schema });
await database.query(`INSERT INTO ${database.schema}.jobs (seq, due_at, lease, group_name) VALUES ($1, now(), 0, '')`, [key]);
await database.close();
