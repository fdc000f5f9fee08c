import { describeQueueProcesses } from "./processes.ts";

describeQueueProcesses("the NATS queue", { engine: "nats", comesBack: "after the lease" });
