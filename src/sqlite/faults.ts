import type { SqlFault } from "./command.ts";

/** A fault on its way up as an exception. */
export class SqlFaultError extends Error {
  override name = "SqlFaultError";
  readonly fault: SqlFault;

  constructor(fault: SqlFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Classifies whatever `node:sqlite` threw. The numbers are SQLite's primary result codes (https://sqlite.org/rescode.html). */
export function toFault(thrown: unknown): SqlFault {
  if (thrown instanceof SqlFaultError) return thrown.fault;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: faultKind(resultCode(thrown)), message };
}

/** The same for a database that is open: what would have kept it from being opened is then a failure like others, and may pass. */
export function toRunningFault(thrown: unknown): SqlFault {
  const { kind, message } = toFault(thrown);
  return { kind: kind === "foreign" || kind === "unopenable" ? "broken" : kind, message };
}

function faultKind(code: number | undefined): SqlFault["kind"] {
  switch (code) {
    case 5: // BUSY
    case 6: // LOCKED
      return "busy";
    case 26: // NOTADB
      return "foreign";
    case 14: // CANTOPEN
    case 3: // PERM
    case 8: // READONLY
      return "unopenable";
    case undefined: // refused by Node before SQLite saw it
    case 1: // ERROR
    case 18: // TOOBIG
    case 19: // CONSTRAINT
    case 20: // MISMATCH
    case 25: // RANGE
      return "refused";
    default:
      return "broken";
  }
}

function resultCode(thrown: unknown): number | undefined {
  const extended = typeof thrown === "object" && thrown !== null && "errcode" in thrown ? thrown.errcode : undefined;
  return typeof extended === "number" ? extended & 0xff : undefined;
}
