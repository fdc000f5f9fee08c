import { randomUUID } from "node:crypto";
import pg from "pg";
import { serviceUrl } from "../support/services.ts";

/** The name of a schema that nobody has. */
export function newSchema(): string {
  return `test_${randomUUID().replaceAll("-", "").slice(0, 20)}`;
}

/** Removes a schema and all that is in it. */
export async function dropSchema(client: Pick<pg.Pool, "query">, schema: string): Promise<void> {
  await client.query(`DROP SCHEMA IF EXISTS "${schema.replaceAll('"', '""')}" CASCADE`);
}

/** A pool of the test's own on the server; a part of its parameters replaced. */
export function newPool(config: pg.PoolConfig = {}): pg.Pool {
  return new pg.Pool({ connectionString: serviceUrl("postgres"), ...config });
}

/** The server's address with other parameters, such as `application_name`. */
export function urlWith(changes: { readonly [name: string]: string }): string {
  const url = new URL(serviceUrl("postgres"));
  for (const [name, value] of Object.entries(changes)) {
    if (name === "username" || name === "password" || name === "port") url[name] = value;
    else if (name === "database") url.pathname = `/${value}`;
    else url.searchParams.set(name, value);
  }
  return url.href;
}
