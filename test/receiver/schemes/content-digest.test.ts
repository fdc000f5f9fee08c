import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest } from "../../../src/receiver/index.ts";
import { checkContentDigest, checkDigest, contentDigestOf, digestOf } from "../../../src/receiver/schemes/content-digest.ts";

const newline = Buffer.from('{"hello": "world"}\n');
const body = Buffer.from('{"hello": "world"}');
const sha512 = `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;

function check(kind: "Content-Digest" | "Digest", values: readonly string[], content = body): string | undefined {
  const rawHeaders = values.flatMap((value) => [kind, value]);
  const request = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders, body: content });
  return (kind === "Digest" ? checkDigest(request) : checkContentDigest(request))?.code;
}

describe("Content-Digest", () => {
  it("is right for the examples of RFC 9530, appendix B, and RFC 9421, appendix B.2", () => {
    expect(check("Content-Digest", ["sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"], newline)).toBeUndefined();
    expect(check("Content-Digest", ["sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"], Buffer.alloc(0))).toBeUndefined();
    const published = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
    expect(check("Content-Digest", [published])).toBeUndefined();
    expect(contentDigestOf(newline)).toBe("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
  });

  it("must be right in every strong hash, whatever stands beside", () => {
    const sha256 = contentDigestOf(body);
    expect(check("Content-Digest", [`${sha256}, ${sha512}, md5=:AA==:`])).toBeUndefined();
    expect(check("Content-Digest", [`${contentDigestOf(newline)}, ${sha512}`])).toBe("body_hash_mismatch");
    expect(check("Content-Digest", [sha256], newline)).toBe("body_hash_mismatch");
    expect(check("Content-Digest", ["sha-256=abc"])).toBe("body_hash_mismatch");
    expect(check("Content-Digest", ["sha-256=:AA==:"])).toBe("body_hash_mismatch");
  });

  it("is refused where it holds no strong hash, is missing or occurs twice", () => {
    expect(check("Content-Digest", ["md5=:AA==:"])).toBe("signature_malformed");
    expect(check("Content-Digest", ["sha-256=:AA:"])).toBe("signature_malformed");
    expect(check("Content-Digest", [])).toBe("signed_part_missing");
    expect(check("Content-Digest", [contentDigestOf(body), contentDigestOf(body)])).toBe("signed_part_missing");
  });
});

describe("Digest", () => {
  it("is right for the example of draft-cavage-http-signatures-12, appendix C, in either case of the name", () => {
    expect(check("Digest", ["SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="])).toBeUndefined();
    expect(check("Digest", ["sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="])).toBeUndefined();
    expect(digestOf(body)).toBe("SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=");
  });

  it("is refused for another body, a weak hash and another form", () => {
    expect(check("Digest", [digestOf(body)], newline)).toBe("body_hash_mismatch");
    expect(check("Digest", ["MD5=abc"])).toBe("signature_malformed");
    expect(check("Digest", ["sha-256"])).toBe("signature_malformed");
    expect(check("Digest", [`${digestOf(body)},SHA-256=AAAA`])).toBe("body_hash_mismatch");
  });
});
