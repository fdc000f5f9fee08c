export type { PostgresClient, PostgresPool, PostgresPoolClient, PostgresResult, PostgresStatement } from "./client.ts";
export { openPostgres, type PostgresDatabase, type PostgresOptions } from "./database.ts";
export type { PostgresTransaction, QueryOptions } from "./engine.ts";
export { isConflict, isRefusal } from "./faults.ts";
export { announceSql, durablySql, type InsertJobsOptions, idHash, insertJobs, jobsChannel, type RunStatement } from "./jobs.ts";
export { aheadSql, ServerTime } from "./server-time.ts";
export { fromColumn, toColumn } from "./text.ts";
