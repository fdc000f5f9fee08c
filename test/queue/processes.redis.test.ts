import { describeQueueProcesses } from "./processes.ts";

describeQueueProcesses("the Redis queue", { engine: "redis", comesBack: "after the lease" });
