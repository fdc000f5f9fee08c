import { afterAll, beforeAll } from "@jest/globals";
import { isEngineInstalled, type PrivateEngine, startEngine } from "../support/engines.ts";
import { describeWith } from "../support/services.ts";
import { describeFault, type PrepareTrial, useTrial } from "./grid.ts";
import { postgresPlace } from "./place.ts";
import { points } from "./points.ts";
import { it, describe } from "@jest/globals";

describeWith("a PostgreSQL server's programs", isEngineInstalled("postgres"), "faults on PostgreSQL", () => {
  let engine: PrivateEngine;
  let places = 0;
  beforeAll(async () => {
    engine = await startEngine("postgres");
  }, 60_000);
  afterAll(() => engine?.remove());
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
