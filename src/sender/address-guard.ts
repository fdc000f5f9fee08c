import { isIP } from "node:net";

/** A range of addresses, as in `10.1.2.0/24`. */
export interface AddressBlock {
  /** 32 for IPv4, 128 for IPv6. */
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly prefix: number;
}

/**
 * Whether an outgoing request may go to an IP address: only to public unicast addresses, and to those in `allow`.
 *
 * What is not an address at all is never permitted, and neither is an IPv6 address that carries an IPv4 address
 * (mapped, compatible, NAT64, 6to4, Teredo, ISATAP), since what it leads to would have to be judged by the network in between.
 */
export function isPermitted(address: string, allow: readonly AddressBlock[]): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && (isWithin(parsed, allow) || isPublic(parsed));
}

/** Reads `10.1.2.0/24`. Undefined where the text is no block, or where the address is not the first of its block. */
export function parseBlock(text: string): AddressBlock | undefined {
  const [, address = "", digits = ""] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const first = parseAddress(address);
  const prefix = Number(digits);
  if (!first || digits === "" || prefix > first.bits) return undefined;
  const isFirst = BigInt.asUintN(first.bits - prefix, first.value) === 0n;
  return isFirst ? { bits: first.bits, first: first.value, prefix } : undefined;
}

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** IANA IPv4 Special-Purpose Address Registry, multicast, and the one public address that a cloud's inside answers at. */
const specialIpv4 = blocks(
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared by carriers
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local; metadata of most clouds
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // AMT
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "192.175.48.0/24", // AS112
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
  "168.63.129.16/32", // Azure's wire server
);

/** The one block from which IPv6 unicast addresses are given out. What lies outside is refused without further naming. */
const globalUnicast = blocks("2000::/3");

/** What the IANA IPv6 Special-Purpose Address Registry takes out of it. */
const specialIpv6 = blocks(
  "2001::/23", // protocol assignments: Teredo, ORCHID, benchmarks
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4
  "2620:4f:8000::/48", // AS112
  "3fff::/20", // documentation
  "5f00::/16", // segment routing
);

function blocks(...texts: readonly string[]): readonly AddressBlock[] {
  return texts.flatMap((text) => parseBlock(text) ?? []);
}

function isPublic(address: Address): boolean {
  if (address.bits === 32) return !isWithin(address, specialIpv4);
  return isWithin(address, globalUnicast) && !isWithin(address, specialIpv6) && !isIsatap(address.value);
}

/** RFC 5214, 6.1: the interface identifier is 0000:5efe or 0200:5efe, then the IPv4 address of the tunnel's end. */
function isIsatap(value: bigint): boolean {
  return ((BigInt.asUintN(64, value) >> 32n) & 0xfcff_ffffn) === 0x0000_5efen;
}

function isWithin({ bits, value }: Address, list: readonly AddressBlock[]): boolean {
  return list.some((block) => {
    const rest = BigInt(block.bits - block.prefix);
    return block.bits === bits && value >> rest === block.first >> rest;
  });
}

/** An address in its usual notation; undefined for anything else, and for one with a zone (`fe80::1%eth0`). */
function parseAddress(text: string): Address | undefined {
  const family = text.includes("%") ? 0 : isIP(text);
  if (family === 4) return { bits: 32, value: joined(text.split("."), 8n, 10) };
  return family === 6 ? { bits: 128, value: joined(groupsOf(text), 16n, 16) } : undefined;
}

/** The eight groups of an IPv6 address that `isIP` has accepted. */
function groupsOf(text: string): readonly string[] {
  const [head = "", tail] = text.replace(/[\d.]+\.\d+$/, (ipv4) => hexGroups(ipv4)).split("::");
  const left = head === "" ? [] : head.split(":");
  if (tail === undefined) return left;
  const right = tail === "" ? [] : tail.split(":");
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right];
}

function hexGroups(ipv4: string): string {
  const value = joined(ipv4.split("."), 8n, 10);
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

function joined(parts: readonly string[], width: bigint, radix: 10 | 16): bigint {
  return parts.reduce((value, part) => (value << width) | BigInt(Number.parseInt(part, radix)), 0n);
}
