import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { isEngineInstalled, type PrivateEngine, startEngine } from "../support/engines.ts";
import { describeWith } from "../support/services.ts";
import { useTrial } from "./grid.ts";
import { postgresPlace, sqlitePlace } from "./place.ts";

const kills = Number(process.env["HOOKWRIGHT_KILLS"] ?? 40);
/** A delivery may be refused again and again. */
const drainMs = 120_000;
/** Any number of kills may hit one job. */
const maxAttempts = 1_000;
const title = "loses nothing that was answered 2xx, and repeats no effect, at whatever moment it comes";

describe("SIGKILL, on SQLite", () => {
  const trial = useTrial({
    applications: 1,
    prepare: async (directory) => ({ place: sqlitePlace({ file: join(directory, "hookwright.db"), directory }), maxAttempts, drainMs }),
  });
  it(title, () => trial().runKills(kills), 280_000);
});

// Fewer: what a killed process had claimed waits for the end of that claim, since its machine may be another.
describeWith("a PostgreSQL server's programs", isEngineInstalled("postgres"), "SIGKILL, on PostgreSQL", () => {
  let engine: PrivateEngine;
  beforeAll(async () => {
    engine = await startEngine("postgres");
  }, 60_000);
  afterAll(() => engine?.remove());
  const trial = useTrial({
    applications: 1,
    prepare: async () => ({ place: await postgresPlace(engine.connection, "kills"), maxAttempts, drainMs }),
  });
  it(title, () => trial().runKills(Math.ceil(kills / 2)), 280_000);
});
