import { describeQueueProcesses } from "./processes.ts";

describeQueueProcesses("the RabbitMQ queue", {
  engine: "rabbitmq",
  comesBack: "at once",
  impatient: (connection) => `${connection}?heartbeat=2`,
  restarts: 2, // it takes its time to start
});
