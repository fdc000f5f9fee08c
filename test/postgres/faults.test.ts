import { describe, expect, it } from "@jest/globals";
import { ApplicationError, ConfigurationError } from "../../src/errors.ts";
import { isBroken, isConflict, isRefusal, toError } from "../../src/postgres/faults.ts";

const withCode = (code: string | undefined) => toError(Object.assign(new Error("it failed"), code === undefined ? {} : { code }));

describe("a fault of a statement", () => {
  it("spoils the connection unless it is the server's answer", () => {
    for (const code of ["EPIPE", "ECONNRESET", "08006", "57P01", undefined]) expect(isBroken(withCode(code))).toBe(true);
    for (const code of ["23505", "40P01", "42P01", "55P03", "XX000", "57014"]) expect(isBroken(withCode(code))).toBe(false);
    expect(isBroken(new TypeError("a fault of ours"))).toBe(false);
  });

  it("spoils the connection where that leads to a server that only reads", () => {
    expect(isBroken(withCode("25006"))).toBe(true);
  });

  it("is a refusal or a conflict by its class", () => {
    expect(["22P02", "23505", "54000", "40001"].map((code) => isRefusal(withCode(code)))).toEqual([true, true, true, false]);
    expect(["40001", "40P01", "40002", "23505"].map((code) => isConflict(withCode(code)))).toEqual([true, true, false, false]);
  });

  it("is told without what a row held, and ours are told as they are", () => {
    const told = toError(Object.assign(new Error("violates"), { code: "23502", detail: "Failing row contains (payload)." }));
    expect(told).toBeInstanceOf(ApplicationError);
    expect(told.cause).toMatchObject({ code: "23502", message: "violates" });
    expect(told.cause).not.toHaveProperty("detail");
    const closed = new ConfigurationError("closed");
    expect(toError(closed)).toBe(closed);
  });
});
