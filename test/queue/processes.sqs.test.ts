import { describeQueueProcesses } from "./processes.ts";

describeQueueProcesses("the SQS queue", {
  engine: "sqs",
  comesBack: "after the lease",
  shortLeaseMs: 4_000, // it counts in whole seconds
});
