import { expect, it } from "@jest/globals";
import { listCommand, purgeCommand, retryCommand } from "../../../src/queue/drivers/sqlite-letters.ts";

it.each([
  ["counting and listing", listCommand({ state: "open" })],
  ["retrying", retryCommand("all", 0)],
  ["purging", purgeCommand("all")],
])("%s is long, since a queue may hold a million jobs, and so does not hold up the event loop", (_, command) => {
  expect(command.isLong).toBe(true);
});
