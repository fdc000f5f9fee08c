export type { SqlCommand, SqlResult, SqlRow, SqlStatement, SqlValue } from "./command.ts";
export { type DatabaseOptions, openDatabase, type SqliteDatabase } from "./database.ts";
export { insertJobStatements, type JobInsertion, type SqlGuard } from "./job-statements.ts";
export { hasEnded, thisProcess } from "./owner.ts";
export { type DatabaseTime, databaseTime, type TimedDatabase } from "./time.ts";
