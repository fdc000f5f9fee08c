import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { describeWith } from "../support/services.ts";
import { describeFault, type PrepareTrial, useTrial } from "./grid.ts";
import { sqlitePlace } from "./place.ts";
import { points } from "./points.ts";
import { canMakeDisks, type SmallDisk, smallDisk } from "./small-disk.ts";

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

describeWith("the right to mount", canMakeDisks(), "a full disk under SQLite", () => {
  let disk: SmallDisk | undefined;
  beforeAll(() => {
    disk = smallDisk(16);
  });
  afterAll(() => disk?.remove());
  const onDisk: PrepareTrial = async (directory) => {
    const path = disk?.path ?? "";
    return { place: sqlitePlace({ file: join(path, "hookwright.db"), directory }), fillDirectory: path, bytes: 60_000 };
  };
  describeFault("disk full", points, { applications: 1, prepare: onDisk });
});
