import { AckPolicy, jetstream, jetstreamManager, RetentionPolicy } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { type Contender, chunks, type OpenContender } from "./contender.ts";
import { purgeStreams, removeStreams } from "./streams.ts";

/** JetStream used directly: a work queue on files, a durable consumer that holds 100 messages. */
export const jetStream: OpenContender = async (place): Promise<Contender> => {
  const connection = await connect({ servers: new URL(place.url).host });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: place.name, subjects: [`${place.name}.>`], retention: RetentionPolicy.Workqueue });
  await manager.consumers.add(place.name, { durable_name: "work", ack_policy: AckPolicy.Explicit });
  const client = jetstream(connection);
  const send: Contender["send"] = async ({ body }) => void (await client.publish(`${place.name}.work`, body));
  return {
    send,
    fill: async (jobs) => {
      for (const chunk of chunks(jobs, 500)) await Promise.all(chunk.map((job) => send(job)));
    },
    consume: async (onJob) => {
      const consumer = await client.consumers.get(place.name, "work");
      const messages = await consumer.consume({ max_messages: 100 });
      const loop = (async () => {
        for await (const message of messages) {
          onJob(message.string());
          message.ack();
        }
      })();
      return async () => {
        await messages.close();
        await loop;
      };
    },
    clear: () => purgeStreams(place),
    remove: async () => {
      await connection.close();
      await removeStreams(place);
    },
  };
};
