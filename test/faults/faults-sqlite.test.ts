import { join } from "node:path";
import { describe, it } from "@jest/globals";
import { describeFault, type PrepareTrial, useTrial } from "./grid.ts";
import { sqlitePlace } from "./place.ts";
import { points } from "./points.ts";

const prepare: PrepareTrial = async (directory) => ({ place: sqlitePlace({ file: join(directory, "hookwright.db"), directory }) });

describe("faults on SQLite", () => {
  describeFault("kill", points, { applications: 1, prepare });
  describeFault("stop", points, { applications: 2, prepare });
  describeFault("clock forward", points, { applications: 2, prepare });
  describeFault("clock back", points, { applications: 2, prepare });

  describe("duplicates", () => {
    const trial = useTrial({ applications: 2, prepare });
    it("have one effect, 50 at once to two processes", () => trial().runCopies(50), 60_000);
  });
});
