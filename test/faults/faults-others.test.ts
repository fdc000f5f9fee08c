import { join } from "node:path";
import { afterAll, beforeAll } from "@jest/globals";
import { isEngineInstalled, type PrivateEngine, startEngine } from "../support/engines.ts";
import { describeWith } from "../support/services.ts";
import { describeFault, type PrepareTrial } from "./grid.ts";
import { sqlitePlace } from "./place.ts";

const killedAt = {
  redis: ["after the commit", "claimed"],
  nats: ["claimed"],
  rabbitmq: ["after the hand-over", "claimed"],
} as const;

for (const name of ["redis", "nats", "rabbitmq"] as const)
  describeWith(`${name}'s server program`, isEngineInstalled(name), `faults on ${name}, through the outbox of a SQLite store`, () => {
    let engine: PrivateEngine;
    let places = 0;
    beforeAll(async () => {
      engine = await startEngine(name);
    }, 90_000);
    afterAll(() => engine?.remove());
    const prepare: PrepareTrial = async (directory) => {
      const queue = { engine: name, connection: engine.connection, name: `trial${places++}` } as const;
      return { place: sqlitePlace({ file: join(directory, "hookwright.db"), directory, queue }), engine, drainMs: 80_000 };
    };
    // What is killed before its row is out of the outbox waits for the sweep: about 20 seconds.
    describeFault("kill", killedAt[name], { applications: 1, prepare });
    describeFault("engine stopped", ["handler started"], { applications: 1, prepare });
  });
