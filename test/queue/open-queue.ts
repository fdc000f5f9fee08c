import type { Queue } from "../../src/queue/queue.ts";

/** Where a queue is, as plain data: what a test hands to a process of its own. */
export type QueueSpec =
  | { readonly engine: "sqlite"; readonly file: string }
  | { readonly engine: "postgres" | "redis" | "rabbitmq" | "nats" | "sqs"; readonly connection: string; readonly name: string };

/** Opens the queue that a spec names. */
export async function openQueue(spec: QueueSpec): Promise<Queue> {
  switch (spec.engine) {
    case "sqlite": {
      const { sqliteQueue } = await import("../../src/queue/drivers/sqlite.ts");
      return sqliteQueue({ file: spec.file });
    }
    case "postgres": {
      const { postgresQueue } = await import("../../src/queue/drivers/postgres.ts");
      return postgresQueue({ connection: spec.connection, schema: spec.name });
    }
    case "redis": {
      const { redisQueue } = await import("../../src/queue/drivers/redis.ts");
      return redisQueue({ connection: spec.connection, name: spec.name });
    }
    case "rabbitmq": {
      const { rabbitmqQueue } = await import("../../src/queue/drivers/rabbitmq.ts");
      return rabbitmqQueue({ connection: spec.connection, name: spec.name });
    }
    case "nats": {
      const { natsQueue } = await import("../../src/queue/drivers/nats.ts");
      return natsQueue({ connection: spec.connection, name: spec.name });
    }
    case "sqs": {
      const { sqsQueue } = await import("../../src/queue/drivers/sqs.ts");
      const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
      return sqsQueue({ url: spec.connection, region: "eu-central-1", credentials });
    }
    default:
      return spec satisfies never;
  }
}
