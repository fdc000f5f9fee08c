import { expect, it } from "@jest/globals";
import type { NatsTools } from "../../../src/queue/drivers/nats-engine.ts";
import { NatsGhosts } from "../../../src/queue/drivers/nats-ghosts.ts";
import { controllableClock } from "../../../src/testing/clock.ts";

/** A server that has messages from `first` on, of which all up to `floor` have been acknowledged. */
function server(first: number, floor: number) {
  const state = { messages: 3, first_seq: first };
  const purged: unknown[] = [];
  const manager = {
    streams: { info: async () => ({ state }), purge: async (_name: string, options: unknown) => purged.push(options) },
    consumers: { info: async () => ({ ack_floor: { stream_seq: floor } }) },
  };
  return { tools: { manager } as unknown as NatsTools, purged };
}

it("removes messages up to the last before which all have been acknowledged, and looks again after a while only", async () => {
  const clock = controllableClock();
  const ghosts = new NatsGhosts("jobs", clock);
  const { tools, purged } = server(5, 9);
  for (let time = 0; time < 3; time++) await ghosts.remove(tools);
  expect(purged).toEqual([{ seq: 10 }]);
  await clock.advance(5_000);
  await ghosts.remove(tools);
  expect(purged).toHaveLength(2);
});

it("fails no claim", async () => {
  const tools = { manager: { streams: { info: () => Promise.reject(new Error("permissions violation")) } } } as unknown as NatsTools;
  await expect(new NatsGhosts("jobs", controllableClock()).remove(tools)).resolves.toBeUndefined();
});

it("leaves messages alone that come after it", async () => {
  const { tools, purged } = server(10, 9);
  await new NatsGhosts("jobs", controllableClock()).remove(tools);
  expect(purged).toEqual([]);
});
