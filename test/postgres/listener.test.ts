import { EventEmitter } from "node:events";
import { describe, expect, it } from "@jest/globals";
import type { PostgresPool, PostgresPoolClient } from "../../src/postgres/client.ts";
import { PostgresListener } from "../../src/postgres/listener.ts";

/** A server that takes connections and refuses to let anyone listen, as a standby does: the second refusal comes when the connection ends. */
class RefusingClient extends EventEmitter {
  readonly #refusals: (() => void)[] = [];

  query(): Promise<never> {
    return new Promise((_, reject) => {
      const refuse = () => reject(new Error("cannot execute LISTEN during recovery"));
      if (this.#refusals.push(refuse) === 1) refuse();
    });
  }

  release(): void {
    setImmediate(() => this.#refusals.forEach((refuse) => void refuse()));
  }
}

describe("listening in PostgreSQL", () => {
  it("pauses before it connects again, however many channels were refused", async () => {
    let connections = 0;
    const pool = {
      connect: async () => {
        connections++;
        return new RefusingClient() as unknown as PostgresPoolClient;
      },
    } as unknown as PostgresPool;
    const listener = new PostgresListener(async () => pool);
    listener.add("one", () => {});
    listener.add("two", () => {});
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(connections).toBe(1);
    await listener.close();
  });
});
