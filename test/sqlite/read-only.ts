// Opens a database as a user who may not write to the file, and prints what comes of it. Only root may do what it likes, so it steps down first.
import { openConnection } from "../../src/sqlite/connection.ts";
import { toFault } from "../../src/sqlite/faults.ts";

const [file = ""] = process.argv.slice(2);
if (process.getuid?.() === 0) process.setuid?.(65_534);
try {
  openConnection(file, { busyTimeoutMs: 0, checkpoints: false }).close();
  console.log("opened");
} catch (error) {
  console.log(JSON.stringify(toFault(error)));
}
