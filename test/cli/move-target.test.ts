import { describe, expect, it } from "@jest/globals";
import { UsageError } from "../../src/cli/main-arguments.ts";
import { readTarget } from "../../src/cli/move-target.ts";

describe("readTarget", () => {
  it.each([
    ["postgres://app:secret@db.example:6432/app", "postgres://db.example:6432/app"],
    ["postgresql://app:%40%25%23%2F%3F@db/app?sslmode=require", "postgres://db/app"],
    ["postgres:///app?host=/var/run/postgresql&user=app@tenant&password=secret", "postgres:///app"],
    ["postgres://%2Fvar%2Frun%2Fpostgresql/app", "postgres://%2Fvar%2Frun%2Fpostgresql/app"],
  ])("shows %s without user and password", (connectionString, shown) => {
    expect(readTarget(connectionString, "--to")).toEqual({ connectionString, shown });
  });

  it.each([
    "",
    "webhooks.db",
    "mysql://app:secret@db/app",
    "postgres://app:12/secret@db/app",
    "postgres://app:12#secret@db/app",
    "postgres://app:12?secret@db/app",
    "postgres://app:se@cr#secret@db/app",
    "postgres://app:100%secret@db/app",
  ])("refuses %j, and repeats none of it", (connectionString) => {
    expect(() => readTarget(connectionString, "$URL")).toThrow(UsageError);
    expect(() => readTarget(connectionString, "$URL")).toThrow(/^\$URL: expected postgres:\/\/user:password@host\/database\./);
    expect(() => readTarget(connectionString, "$URL")).not.toThrow(/secret/);
  });
});
