// Prints what time a database has for a process on whose machine the clock has been set by so many milliseconds.
import { systemClock } from "../../src/clock.ts";
import { databaseTime, openDatabase } from "../../src/sqlite/index.ts";

const [file = "", jumpMs = "0"] = process.argv.slice(2);
const clock = { ...systemClock, now: () => new Date(Date.now() + Number(jumpMs)) };
const timed = databaseTime(openDatabase({ file }), clock);
console.log(await timed.use(async (time) => time.now()));
await timed.close();
