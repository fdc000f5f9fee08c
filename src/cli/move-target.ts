import { UsageError } from "./main-arguments.ts";

/** A database to move to. */
export interface MoveTarget {
  readonly connectionString: string;
  /** Server and database, as they may be shown: without user and password. */
  readonly shown: string;
}

/**
 * Reads the URL of a PostgreSQL database.
 *
 * @param given Where it was given, for messages.
 * @throws UsageError where it is none, or where a password that is not written as URLs have it would be taken for another part.
 */
export function readTarget(connectionString: string, given: string): MoveTarget {
  const url = URL.parse(connectionString);
  if ((url?.protocol !== "postgres:" && url?.protocol !== "postgresql:") || !isWhole(url)) {
    throw new UsageError(`${given}: expected postgres://user:password@host/database. ${howToWrite}`);
  }
  return { connectionString, shown: `postgres://${url.host}${url.pathname}` };
}

const howToWrite = "Characters such as @, %, #, / and ? in the password are written as %40, %25, %23, %2F and %3F.";

/** Whether user and password have ended at the last @, and can be decoded. */
function isWhole({ username, password, pathname, hash, searchParams }: URL): boolean {
  if ([pathname, hash, ...searchParams.keys()].some((part) => part.includes("@"))) return false;
  return [username, password, pathname].every(isDecodable);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
