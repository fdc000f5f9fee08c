import { Connection } from "rabbitmq-client";
import { type Contender, chunks, type OpenContender } from "./contender.ts";
import { purgeQueue, removeQueues } from "./work-queues.ts";

/** rabbitmq-client used directly: a quorum queue, messages confirmed, a prefetch of 100. */
export const rabbitmqClient: OpenContender = async (place): Promise<Contender> => {
  const connection = new Connection({ url: place.url, noDelay: true });
  connection.on("error", () => {}); // whoever waits is told
  const queueOptions = { durable: true, arguments: { "x-queue-type": "quorum" as const } };
  const publisher = connection.createPublisher({ confirm: true, queues: [{ queue: place.name, ...queueOptions }] });
  const send: Contender["send"] = ({ head, body }) =>
    publisher.send({ routingKey: place.name, durable: true, messageId: crypto.randomUUID(), headers: { head } }, body);
  return {
    send,
    fill: async (jobs) => {
      for (const chunk of chunks(jobs, 500)) await Promise.all(chunk.map((job) => send(job)));
    },
    consume: async (onJob) => {
      const options = { queue: place.name, queueOptions, qos: { prefetchCount: 100 } };
      const consumer = connection.createConsumer(options, async ({ body }) => onJob((body as Buffer).toString("utf8")));
      consumer.on("error", () => {});
      return () => consumer.close();
    },
    clear: () => purgeQueue(place),
    remove: async () => {
      await publisher.close();
      await connection.close();
      await removeQueues(place);
    },
  };
};
