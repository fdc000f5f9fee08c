import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "@jest/globals";
import pg from "pg";
import { isEngineInstalled, type PrivateEngine, startEngine } from "../support/engines.ts";
import { describeWith } from "../support/services.ts";
import { describeFault, type PrepareTrial, useTrial } from "./grid.ts";
import { postgresPlace } from "./place.ts";
import { points } from "./points.ts";
import { canMakeDisks, type SmallDisk, smallDisk } from "./small-disk.ts";

const isInstalled = isEngineInstalled("postgres");
let engine: PrivateEngine;
let places = 0;

beforeAll(async () => {
  if (isInstalled) engine = await startEngine("postgres");
}, 60_000);
afterAll(() => engine?.remove());

describeWith("a PostgreSQL server's programs", isInstalled, "faults on PostgreSQL", () => {
  const prepare: PrepareTrial = async () => ({ place: await postgresPlace(engine.connection, `trial_${places++}`), engine });

  describeFault("kill", points, { applications: 1, prepare });
  describeFault("stop", points, { applications: 2, prepare });
  describeFault("clock forward", points, { applications: 2, prepare });
  describeFault("clock back", points, { applications: 2, prepare });
  describeFault("engine stopped", points, { applications: 1, prepare });
  describeFault("engine killed", points, { applications: 1, prepare });

  describe("duplicates", () => {
    const trial = useTrial({ applications: 2, prepare });
    it("have one effect, 50 at once to two processes", () => trial().runCopies(50), 60_000);
  });
});

describeWith("a PostgreSQL server, and the right to mount", isInstalled && canMakeDisks(), "a full disk under PostgreSQL", () => {
  let disk: SmallDisk | undefined;
  beforeAll(() => {
    disk = smallDisk(48);
  });
  afterAll(async () => {
    await engine?.stop("killed"); // it has files open there
    disk?.remove();
  });
  const onDisk: PrepareTrial = async () => {
    const path = disk?.path ?? "";
    await makeTablespace(engine.connection, join(path, "tables"));
    const place = await postgresPlace(engine.connection, "on_small_disk", "small_disk");
    // The effects are on that disk too, so attempts fail for as long as it is full: a fast machine makes a dozen.
    return { place, fillDirectory: path, bytes: 7_000, maxAttempts: 40 };
  };
  describeFault("disk full", points, { applications: 1, prepare: onDisk });
});

async function makeTablespace(connection: string, path: string): Promise<void> {
  mkdirSync(path);
  if (process.getuid?.() === 0) execFileSync("chown", ["postgres", path]);
  const server = new pg.Client({ connectionString: connection });
  await server.connect();
  await server.query(`CREATE TABLESPACE small_disk LOCATION '${path}'`);
  await server.end();
}
