// Opens a store on a database that may not be there yet, accepts one delivery with a job of its own, and says what became of it.
import { postgresStore } from "../../../src/store/drivers/postgres.ts";
import { sqliteStore } from "../../../src/store/drivers/sqlite.ts";
import { acceptance, newJob } from "../values.ts";

const [place = "", schema = "", id = ""] = process.argv.slice(2);
const store = place.startsWith("postgres") ? postgresStore({ connection: place, schema }) : sqliteStore({ file: place });
const { state } = await store.acceptDelivery(acceptance({ jobs: [newJob(id)] }));
console.log(state);
await store.close();
