import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { Place } from "./contender.ts";

async function eachStream({ url, name }: Place, act: (manager: JetStreamManager, stream: string) => Promise<unknown>): Promise<void> {
  const connection = await connect({ servers: new URL(url).host });
  try {
    const manager = await jetstreamManager(connection);
    for (const stream of await manager.streams.names().next()) if (stream.includes(name)) await act(manager, stream);
  } finally {
    await connection.close();
  }
}

/** Deletes the messages of the streams of a name. */
export async function purgeStreams(place: Place): Promise<void> {
  await eachStream(place, (manager, stream) => manager.streams.purge(stream));
}

/** Deletes the streams of a name. */
export async function removeStreams(place: Place): Promise<void> {
  await eachStream(place, (manager, stream) => manager.streams.delete(stream));
}
