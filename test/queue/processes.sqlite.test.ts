import { describeQueueProcesses } from "./processes.ts";

describeQueueProcesses("the SQLite queue", { engine: "sqlite", comesBack: "after the lease" });
