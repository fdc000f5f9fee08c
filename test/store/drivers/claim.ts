// Claims a delivery in the given file and then does nothing until it is killed.
import { sqliteStore } from "../../../src/store/drivers/sqlite.ts";

const [file = "", key = "{}"] = process.argv.slice(2);
const { state } = await sqliteStore({ file }).claimDelivery(JSON.parse(key), { leaseMs: 60_000 });
console.log(state);
setInterval(() => {}, 1_000);
