import { Connection } from "rabbitmq-client";
import { Topology } from "../../src/queue/drivers/rabbitmq-topology.ts";
import type { Place } from "./contender.ts";

async function withChannel(url: string, act: (connection: Connection) => Promise<unknown>): Promise<void> {
  const connection = new Connection({ url, noDelay: true });
  connection.on("error", () => {}); // whoever waits is told
  try {
    await act(connection);
  } finally {
    await connection.close();
  }
}

/** A queue of a name, and those that Hookwright makes beside it: jobs that are due at once make no other. */
function queuesOf(name: string): readonly string[] {
  const { work, returned, unreadable } = new Topology(name);
  return [work, returned, unreadable].map(({ queue }) => queue);
}

/** Deletes the messages of the queues that are there. */
export async function purgeQueue({ url, name }: Place): Promise<void> {
  await withChannel(url, async (connection) => {
    for (const queue of queuesOf(name)) {
      const isThere = await connection.queueDeclare({ queue, passive: true }).then(
        () => true,
        () => false,
      );
      if (isThere) await connection.queuePurge({ queue });
    }
  });
}

/** Deletes the queues. */
export async function removeQueues({ url, name }: Place): Promise<void> {
  await withChannel(url, async (connection) => {
    for (const queue of queuesOf(name)) await connection.queueDelete({ queue });
  });
}
