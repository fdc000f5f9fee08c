import { Client } from "pg";
import { describeQueueProcesses } from "./processes.ts";

describeQueueProcesses("the PostgreSQL queue", { engine: "postgres", comesBack: "after the lease", countConnections });

async function countConnections(connection: string): Promise<number> {
  const client = new Client({ connectionString: connection });
  await client.connect();
  const { rows } = await client.query("SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
  await client.end();
  return rows.length;
}
