import { describe, expect, test } from "@jest/globals";
import { readTarget } from "../../src/sender/target.ts";

const httpsOnly = { allowHttp: false, ports: new Set([443, 8443]) };
const withHttp = { allowHttp: true, ports: new Set([443, 8443, 80]) };
const blocked = expect.objectContaining({ code: "request_blocked", status: 0, expose: false });

function refusalOf(url: string, rules = httpsOnly): Error {
  try {
    readTarget(url, rules);
  } catch (error) {
    return error as Error;
  }
  throw new Error(`${url} was let through.`);
}

describe("readTarget()", () => {
  test.each([
    ["https://hooks.example.com/a?b#c", "hooks.example.com", 443],
    ["HTTPS://HOOKS.EXAMPLE.COM", "hooks.example.com", 443],
    ["https://hooks.example.com:8443/", "hooks.example.com", 8443],
    ["https://hooks.example.com./", "hooks.example.com", 443],
    ["https://bücher.de/", "xn--bcher-kva.de", 443],
    // The parser of URLs ends the host at a backslash, and so do we, who parse once.
    ["https://hooks.example.com\\@evil.example.org/", "hooks.example.com", 443],
    ["https://hooks.example.com#@evil.example.org/", "hooks.example.com", 443],
  ])("reads %s", (url, host, port) => {
    expect(readTarget(url, httpsOnly)).toMatchObject({ host, port, isAddress: false });
  });

  test.each([
    ["https://127.0.0.1/", "127.0.0.1"],
    ["https://0x7f.1/", "127.0.0.1"],
    ["https://2130706433/", "127.0.0.1"],
    ["https://127.1/", "127.0.0.1"],
    ["https://0177.0.0.1/", "127.0.0.1"],
    ["https://127.0.0.1./", "127.0.0.1"],
    ["https://１２７.0.0.1/", "127.0.0.1"],
    ["https://127。0。0。1/", "127.0.0.1"],
    ["https://[::1]/", "::1"],
    ["https://[::ffff:127.0.0.1]/", "::ffff:7f00:1"],
    ["https://[0:0:0:0:0:0:0:1]/", "::1"],
  ])("sees the address in %s", (url, host) => {
    expect(readTarget(url, httpsOnly)).toMatchObject({ host, isAddress: true });
  });

  test.each([
    "",
    "hooks.example.com",
    "//hooks.example.com",
    "https://",
    "https://hooks.example.com:65536/",
    "https://1.2.3.256/",
    "https://[::1%25eth0]/",
  ])("refuses what is no URL: %p", (url) => {
    expect(refusalOf(url)).toEqual(blocked);
  });

  test.each([
    "http://hooks.example.com/",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com:443/",
    "data:,x",
    "javascript:alert(1)",
    "blob:https://hooks.example.com/x",
    "ws://hooks.example.com/",
  ])("refuses the scheme of %s", (url) => {
    expect(refusalOf(url)).toEqual(blocked);
  });

  test("takes http, and its port, where it is allowed", () => {
    expect(readTarget("http://hooks.example.com/", withHttp)).toMatchObject({ port: 80 });
    expect(refusalOf("ftp://hooks.example.com/", withHttp)).toEqual(blocked);
  });

  test.each(["https://a@hooks.example.com/", "https://a:b@hooks.example.com/", "https://:b@hooks.example.com/", "https://a@127.0.0.1/"])(
    "refuses the user in %s",
    (url) => {
      expect(refusalOf(url)).toEqual(blocked);
    },
  );

  test.each([0, 22, 25, 80, 3000, 6379, 65_535])("refuses port %i", (port) => {
    expect(refusalOf(`https://hooks.example.com:${port}/`)).toEqual(blocked);
  });

  test.each([
    "localhost",
    "localhost.",
    "LOCALHOST",
    "x.localhost",
    "x.localhost.",
    "metadata.google.internal",
    "printer.local",
    "intranet",
    "metadata",
    "router.lan",
    "nas.home.arpa",
    "home.arpa",
    "db.localdomain",
    "x.onion",
    "x.test",
    "ｌocalhost",
  ])("refuses the name %s", (host) => {
    expect(refusalOf(`https://${host}/`)).toEqual(blocked);
  });

  test.each(["localhost.example.com", "local.example.com", "mylocal.com", "internal.io"])("does not refuse the name %s", (host) => {
    expect(readTarget(`https://${host}/`, httpsOnly)).toMatchObject({ host });
  });

  test.each([
    "https://user-canary:password-canary@hooks.example.com/path?token=query-canary#fragment-canary",
    "http://hooks.example.com/path?token=query-canary",
    "data:text/plain,canary",
    "https://canary:99999/?canary",
  ])("tells nothing of %s but scheme, host and path", (url) => {
    const { message, cause } = refusalOf(url);
    expect(message).not.toContain("canary");
    expect(cause).toBeUndefined();
  });
});
