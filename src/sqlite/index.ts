export type { SqlCommand, SqlResult, SqlRow, SqlStatement, SqlValue } from "./command.ts";
export { type DatabaseOptions, openDatabase, type SqliteDatabase } from "./database.ts";
export { hasEnded, thisProcess } from "./owner.ts";
