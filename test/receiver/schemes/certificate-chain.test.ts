import type { X509Certificate } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { certificateOf, detailsOf, findChain, rootsOf, systemRoots } from "../../../src/receiver/schemes/certificate-chain.ts";
import { oidText, readDer } from "../../../src/receiver/schemes/der.ts";
import { fixture } from "./fixtures/read.ts";

const now = Date.UTC(2026, 0, 1) / 1000;
const certificate = (name: string): X509Certificate => certificateOf(fixture(`${name}.pem`));

/** The length of the chain that is found, or `none`. */
function chain(leaf: string, intermediates: readonly string[] = ["intermediate"], root = "root", at = now): number | "none" {
  const found = findChain(certificate(leaf), {
    intermediates: intermediates.map(certificate),
    roots: rootsOf([fixture(`${root}.pem`)]),
    now: at,
  });
  return "chain" in found ? found.chain.length : "none";
}

describe("a chain", () => {
  it("leads from the signer to a root, whatever else is there, in any order", () => {
    expect(chain("leaf")).toBe(3);
    expect(chain("leaf", ["sub-intermediate", "root", "leaf", "intermediate"])).toBe(3);
    expect(chain("ec-leaf", ["ec-intermediate"], "ec-root")).toBe(3);
  });

  it("is not found without the issuer, or to another root of the same name", () => {
    expect(chain("leaf", [])).toBe("none");
    expect(chain("leaf", ["intermediate"], "foreign-root")).toBe("none");
    expect(chain("leaf", ["intermediate", "foreign-root"], "ec-root")).toBe("none");
    expect(chain("leaf", ["intermediate", "root"], "ec-root")).toBe("none");
  });

  it.each(["leaf-expired", "leaf-short", "leaf-sha1", "leaf-encipher", "leaf-constrained", "intermediate", "root"])(
    "is refused from %s",
    (leaf) => expect(chain(leaf)).toBe("none"),
  );

  it("needs authorities that may issue", () => {
    expect(chain("leaf-by-leaf", ["leaf", "intermediate"])).toBe("none");
    expect(chain("leaf-too-deep", ["sub-intermediate", "intermediate"])).toBe("none");
  });

  it("is valid only while all its certificates are", () => {
    expect(chain("leaf", ["intermediate"], "root", Date.UTC(2024, 11, 31) / 1000)).toBe("none");
    expect(chain("leaf", ["intermediate"], "root", Date.UTC(2100, 0, 1) / 1000)).toBe("none");
    expect(chain("leaf-expired", ["intermediate"], "root", Date.UTC(2020, 6, 1) / 1000)).toBe("none");
    expect(chain("leaf", ["intermediate"], "root", Number.NaN)).toBe("none");
  });

  it("may lead to a root that comes with Node.js", () => {
    const found = findChain(certificate("leaf"), { intermediates: [certificate("intermediate")], roots: systemRoots(), now });
    expect(found).toHaveProperty("problem");
    expect([...systemRoots().values()].flat().length).toBeGreaterThan(50);
  });
});

describe("the details of a certificate", () => {
  it("are read from its extensions", () => {
    const leaf = detailsOf(certificate("ec-leaf"))!;
    expect(leaf.extensions.has("1.3.6.1.4.1.55555.1")).toBe(true);
    expect(leaf).toMatchObject({ isUnderstood: true, pathLength: undefined, maySign: true, isStronglySigned: true });
    expect(detailsOf(certificate("intermediate"))).toMatchObject({ pathLength: 0, maySign: false });
    expect(detailsOf(certificate("root"))).toMatchObject({ pathLength: undefined });
    expect(detailsOf(certificate("leaf-constrained"))).toMatchObject({ isUnderstood: false });
  });

  it("can be read of every root that comes with Node.js", () => {
    for (const root of [...systemRoots().values()].flat()) expect(detailsOf(root)).toBeDefined();
  });
});

describe("DER", () => {
  it("is read within its bytes", () => {
    expect(readDer(Buffer.from("0401ff", "hex"))).toEqual({ tag: 4, content: Buffer.from([255]), end: 3 });
    for (const hex of ["", "04", "0402ff", "0480", "048101", "0484ffffffff", "1f0100", "04850000000001ff"])
      expect(() => readDer(Buffer.from(hex, "hex"))).toThrow(RangeError);
  });

  it("writes object identifiers with dots", () => {
    expect(oidText(Buffer.from("2a864886f76364060b01", "hex"))).toBe("1.2.840.113635.100.6.11.1");
    expect(oidText(Buffer.from("551d13", "hex"))).toBe("2.5.29.19");
    expect(oidText(Buffer.from("8837", "hex"))).toBe("2.999");
  });
});
