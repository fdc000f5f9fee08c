import { describe, expect, test } from "@jest/globals";
import { type AddressBlock, isPermitted, parseBlock } from "../../src/sender/address-guard.ts";

const blocks = (...texts: readonly string[]): readonly AddressBlock[] => texts.map((text) => parseBlock(text)!);

describe("isPermitted()", () => {
  test.each([
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "203.0.114.0",
    "223.255.255.255",
    "2000::1",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2003::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:81b::200e",
    "3ffe:ffff::1",
  ])("permits the public address %s", (address) => {
    expect(isPermitted(address, [])).toBe(true);
  });

  test.each([
    // IPv4: the first and last of each block
    ["this network", "0.0.0.0", "0.255.255.255"],
    ["private", "10.0.0.0", "10.255.255.255"],
    ["shared by carriers", "100.64.0.0", "100.127.255.255"],
    ["loopback", "127.0.0.0", "127.255.255.255"],
    ["link-local", "169.254.0.0", "169.254.255.255"],
    ["metadata of clouds", "169.254.169.254", "100.100.100.200"],
    ["private", "172.16.0.0", "172.31.255.255"],
    ["protocol assignments", "192.0.0.0", "192.0.0.255"],
    ["documentation", "192.0.2.0", "192.0.2.255"],
    ["AS112", "192.31.196.0", "192.31.196.255"],
    ["AMT", "192.52.193.0", "192.52.193.255"],
    ["6to4 relays", "192.88.99.0", "192.88.99.255"],
    ["private", "192.168.0.0", "192.168.255.255"],
    ["AS112", "192.175.48.0", "192.175.48.255"],
    ["benchmarks", "198.18.0.0", "198.19.255.255"],
    ["documentation", "198.51.100.0", "198.51.100.255"],
    ["documentation", "203.0.113.0", "203.0.113.255"],
    ["multicast", "224.0.0.0", "239.255.255.255"],
    ["reserved and broadcast", "240.0.0.0", "255.255.255.255"],
    ["Azure's wire server", "168.63.129.16", "168.63.129.16"],
    // IPv6
    ["unspecified and loopback", "::", "::1"],
    ["IPv4-compatible", "::127.0.0.1", "::8.8.8.8"],
    ["IPv4-mapped", "::ffff:127.0.0.1", "::ffff:8.8.8.8"],
    ["IPv4-mapped, in hexadecimal", "::ffff:7f00:1", "0:0:0:0:0:ffff:808:808"],
    ["IPv4-translated", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"],
    ["NAT64", "64:ff9b::127.0.0.1", "64:ff9b::808:808"],
    ["NAT64 of a local network", "64:ff9b:1::a00:1", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"],
    ["discard", "100::", "100::ffff:ffff:ffff:ffff"],
    ["Teredo", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["protocol assignments", "2001:1::1", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["documentation", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["6to4", "2002:7f00:1::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["AS112", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"],
    ["documentation", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["segment routing", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["ISATAP", "2a00:1450::5efe:a00:1", "2a00:1450::200:5efe:10.0.0.1"],
    ["not given out", "4000::1", "1fff:ffff::1"],
    ["unique local", "fc00::1", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["metadata of a cloud", "fd00:ec2::254", "fd20:ce::254"],
    ["link-local", "fe80::1", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["site-local", "fec0::1", "feff::1"],
    ["multicast", "ff00::", "ff02::1"],
  ])("refuses %s: %s, %s", (_what, first, last) => {
    expect([isPermitted(first, []), isPermitted(last, [])]).toEqual([false, false]);
  });

  test.each([
    "",
    "localhost",
    "127.1",
    "0x7f.1",
    "2130706433",
    "8.8.8.08",
    "8.8.8.8 ",
    "2606:4700::1%eth0",
    "[2606:4700::1]",
    "8.8.8.8/32",
  ])("refuses what is no address in its usual notation: %p", (address) => {
    expect(isPermitted(address, blocks("0.0.0.0/0", "::/0"))).toBe(false);
  });

  test.each([
    ["10.1.2.0/24", "10.1.2.0", "10.1.2.255", "10.1.1.255", "10.1.3.0"],
    ["127.0.0.1/32", "127.0.0.1", "127.0.0.1", "127.0.0.0", "127.0.0.2"],
    ["10.0.0.0/31", "10.0.0.0", "10.0.0.1", "9.255.255.255.", "10.0.0.2"],
    ["fd12:3456::/32", "fd12:3456::", "fd12:3456:ffff:ffff:ffff:ffff:ffff:ffff", "fd12:3455:ffff::", "fd12:3457::"],
    ["::1/128", "::1", "0:0:0:0:0:0:0:1", "::", "::2"],
  ])("permits of the private addresses exactly those in %s", (block, first, last, before, after) => {
    expect([first, last, before, after].map((address) => isPermitted(address, blocks(block)))).toEqual([true, true, false, false]);
  });

  test("does not take a block of one family for one of the other", () => {
    expect(isPermitted("::ffff:10.1.2.3", blocks("10.1.2.0/24"))).toBe(false);
    expect(isPermitted("10.1.2.3", blocks("::ffff:0:0/96"))).toBe(false);
    expect(isPermitted("::1", blocks("0.0.0.0/0"))).toBe(false);
  });

  test("still permits public addresses beside those that are allowed", () => {
    expect(isPermitted("1.1.1.1", blocks("10.1.2.0/24"))).toBe(true);
  });
});

describe("parseBlock()", () => {
  test.each([
    "",
    "10.0.0.0",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/8.5",
    "10.1.2.3/24",
    "10.0.0.0/8 ",
    "10.0/8",
    "::1/64",
    "fe80::%1/64",
    "fe80::/129",
    "private/8",
    "10.0.0.0/8/8",
  ])("knows no block %p", (text) => {
    expect(parseBlock(text)).toBeUndefined();
  });
});
