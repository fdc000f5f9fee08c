import { Connection } from "rabbitmq-client";
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

/** Deletes the messages of a queue that is there. */
export async function purgeQueue({ url, name }: Place): Promise<void> {
  await withChannel(url, async (connection) => {
    const isThere = await connection.queueDeclare({ queue: name, passive: true }).then(
      () => true,
      () => false,
    );
    if (isThere) await connection.queuePurge({ queue: name });
  });
}

/** Deletes a queue, and those that Hookwright may have made beside it: jobs that are due at once make no other. */
export async function removeQueues({ url, name }: Place): Promise<void> {
  await withChannel(url, async (connection) => {
    for (const queue of [name, `${name}.unreadable`]) await connection.queueDelete({ queue });
  });
}
