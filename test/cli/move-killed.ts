// Moves, and ends this process by SIGKILL at a step of the move.
import { moveDatabase } from "../../src/cli/move-database.ts";

const [file = "", connectionString = "", schema = "", fatal = ""] = process.argv.slice(2);
await moveDatabase({
  file,
  connectionString,
  schema,
  onStep: (step) => {
    if ((step.name === "copying" ? `copying ${step.table}` : step.name) === fatal) process.kill(process.pid, "SIGKILL");
  },
});
