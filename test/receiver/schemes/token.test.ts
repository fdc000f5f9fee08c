import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest, token } from "../../../src/receiver/index.ts";

const secret = "12345678901234567890123456789012";
const scheme = token({ header: "X-Token", parameter: "code" });

function check(query: string, rawHeaders: readonly string[] = [], keys: readonly string[] = [secret]): string | number {
  const result = scheme.verify(
    new ReceiverRequest({ method: "POST", url: `https://example.test/${query}`, rawHeaders }),
    keys.map((key) => Buffer.from(key)),
    { now: 0 },
  );
  return result.verified ? result.secretIndex : result.code;
}

describe("a token", () => {
  it("may stand in the header or in the query", () => {
    expect(check(`?code=${secret}`)).toBe(0);
    expect(check("", ["x-token", secret])).toBe(0);
    expect(check("?code=", ["x-token", secret])).toBe(0);
  });

  it.each(["", "?", "?=", "?==", "?invalid", "?code", "?code=", "?k1=v1;k2=v2", `?CODE=${secret}`, `?x=code=${secret}`])(
    "is missing in %j",
    (query) => expect(check(query)).toBe("signature_missing"),
  );

  it.each([secret.slice(1), `${secret}1`, secret.replace("1", "2"), `${secret}%20`, `%00${secret}`, "x".repeat(8192)])(
    "is wrong as %j",
    (value) => expect(check(`?code=${value}`)).toBe("token_mismatch"),
  );

  it("may not be given twice, even if both are right", () => {
    expect(check(`?code=${secret}&code=${secret}`)).toBe("signature_repeated");
    expect(check(`?code=${secret}`, ["x-token", secret])).toBe("signature_repeated");
    expect(check("", ["x-token", secret, "X-Token", secret])).toBe("signature_repeated");
  });

  it("may be any of several, and is compared as UTF-8", () => {
    expect(check("?code=你好世界", [], [secret, "你好世界"])).toBe(1);
    expect(check("?code=1%202%203", [], ["123"])).toBe("token_mismatch");
    expect(check(`?code=${"a".repeat(8192)}`, [], ["a".repeat(8192)])).toBe(0);
  });

  it("says that it binds nothing", () =>
    expect(scheme).toMatchObject({ bodyBound: false, signsUrl: false, proofHeaders: ["x-token"], proofParameters: ["code"] }));

  it("needs a place", () => expect(() => token({})).toThrow(TypeError));

  it("is put into the header where there is one, else into the query, encoded", () => {
    const request = (url: string) => new ReceiverRequest({ method: "POST", url, rawHeaders: [] });
    expect(scheme.sign!(request("https://example.test/"), secret, { now: 0 })).toEqual({ headers: { "X-Token": secret } });
    const inQuery = token({ parameter: "code" });
    expect(inQuery.sign!(request("https://example.test/"), "a&b=c ü", { now: 0 }).url).toBe(
      "https://example.test/?code=a%26b%3Dc%20%C3%BC",
    );
    expect(inQuery.sign!(request("https://example.test/?x=1"), "a", { now: 0 }).url).toBe("https://example.test/?x=1&code=a");
  });
});
