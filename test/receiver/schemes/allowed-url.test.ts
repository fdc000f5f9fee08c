import { describe, expect, it } from "@jest/globals";
import { type AllowedUrls, allowedUrl } from "../../../src/receiver/schemes/allowed-url.ts";

const rule: AllowedUrls = { hosts: /certs\.[a-z0-9-]+\.example\.test/, path: /\/[A-Za-z0-9-]+\.pem/ };
const fixed: AllowedUrls = { hosts: ["store.example.test"], path: /\/api\/.+/ };

describe("a URL", () => {
  it.each([
    ["https://certs.eu-1.example.test/a-1.pem", rule, "https://certs.eu-1.example.test/a-1.pem"],
    ["HTTPS://CERTS.EU-1.EXAMPLE.TEST:443/a-1.pem", rule, "https://certs.eu-1.example.test/a-1.pem"],
    ["https://store.example.test/api/../api/./x.pem", fixed, "https://store.example.test/api/x.pem"],
    ["https://store.example.test/a?b=c", { hosts: ["store.example.test"], allowsQuery: true }, "https://store.example.test/a?b=c"],
  ])("is allowed in its one spelling: %s", (text, allowed, expected) => expect(allowedUrl(text, allowed)).toBe(expected));

  it.each([
    "http://certs.eu-1.example.test/a.pem",
    "https://certs.eu-1.example.test:8443/a.pem",
    "https://certs.eu-1.example.test.evil.test/a.pem",
    "https://evil.test/certs.eu-1.example.test/a.pem",
    "https://evil.test/?x=certs.eu-1.example.test/a.pem",
    "https://evil-certs.eu-1.example.test/a.pem",
    "https://certs.eu-1.example.test./a.pem",
    "https://user@certs.eu-1.example.test/a.pem",
    "https://certs.eu-1.example.test@evil.test/a.pem",
    "https://evil.test\\@certs.eu-1.example.test/a.pem",
    "https://certs.eu-1.example.test/a.pem?x=.pem",
    "https://certs.eu-1.example.test/a.pem?",
    "https://certs.eu-1.example.test/a.pem#x",
    "https://certs.eu-1.example.test/a.pem#",
    "https://certs.eu-1.example.test/a.pem.exe",
    "https://certs.eu-1.example.test/b/a.pem",
    "https://certs.eu-1.example.test//a.pem",
    "https://certs.eu-1.example.test/%61.pem",
    "https://certs.\nevil.example.test/a.pem",
    " https://certs.eu-1.example.test/a.pem",
    "https://certs.eu-1.example.test/\u00e4.pem",
    "//certs.eu-1.example.test/a.pem",
    "file:///a.pem",
    "",
    `https://certs.eu-1.example.test/${"a".repeat(1_024)}.pem`,
  ])("is refused: %j", (text) => expect(allowedUrl(text, rule)).toBeUndefined());

  it.each([
    "https://store.example.test/api/../other/x.pem",
    "https://store.example.test/api/%2e%2e/other/x.pem",
    "https://store.example.test/api/..%2fother/x.pem",
    "https://store.example.test/api%2f..%2fother/x.pem",
    "https://store.example.test/API/x.pem",
    "https://sub.store.example.test/api/x.pem",
  ])("cannot leave an allowed path: %s", (text) => expect(allowedUrl(text, fixed)).toBeUndefined());

  it("is matched as a whole, with patterns that keep no state", () => {
    const loose: AllowedUrls = { hosts: /a\.test|b\.test/gm };
    for (const host of ["a.test", "b.test", "a.test"]) expect(allowedUrl(`https://${host}/`, loose)).toBe(`https://${host}/`);
    for (const host of ["xa.test", "b.test.evil.test"]) expect(allowedUrl(`https://${host}/`, loose)).toBeUndefined();
  });
});
