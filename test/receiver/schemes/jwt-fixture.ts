import { createSecretKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect } from "@jest/globals";
import { SignJWT } from "jose";
import { ReceiverRequest } from "../../../src/receiver/index.ts";
import type { RemoteDocuments } from "../../../src/receiver/remote.ts";
import { type JwtOptions, jwt } from "../../../src/receiver/schemes/jwt.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";

export const now = 1_800_000_000;
export const url = "https://hooks.example/in?a=1";
export const body = Buffer.from('{"a":1}');
export const secret = "a shared secret that is long enough";
export const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
export const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const ed = generateKeyPairSync("ed25519");
export const shared: JwtOptions = { header: "X-Token", algorithms: ["HS256"], key: "secret" };
export const published: JwtOptions = { header: "X-Token", algorithms: ["RS256", "ES256"], key: "publicKey" };

export function pem(key: KeyObject): string {
  return key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" } as { type: "spki"; format: "pem" }).toString();
}

/** A token that jose signs. */
export function token(
  claims: object,
  header: { alg: string; kid?: string } = { alg: "HS256" },
  key: KeyObject | string = secret,
): Promise<string> {
  const signing = typeof key === "string" ? createSecretKey(Buffer.from(key)) : key;
  return new SignJWT({ exp: now + 60, ...claims }).setProtectedHeader(header).sign(signing);
}

/** What differs from a POST of {@link body} to {@link url}, at {@link now} with {@link secret}. */
export interface Parts {
  readonly secrets?: readonly string[];
  readonly headers?: readonly string[];
  readonly url?: string;
  readonly body?: Buffer;
  readonly now?: number;
  readonly toleranceSeconds?: number;
  readonly remote?: RemoteDocuments;
}

/** The code of a refusal, or the position of the secret that matched. */
export async function check(options: JwtOptions, text: string | undefined, parts: Parts = {}): Promise<string | number> {
  const scheme = jwt(options);
  const rawHeaders = parts.headers ?? (text === undefined ? [] : ["x-token", text]);
  const request = new ReceiverRequest({ method: "POST", url: parts.url ?? url, rawHeaders, body: parts.body ?? body });
  const keys = (parts.secrets ?? [secret]).map((one) => scheme.secret.parse(one));
  expect(keys).not.toContain(undefined);
  const { remote, toleranceSeconds } = parts;
  const context = { now: parts.now ?? now, ...(remote ? { remote } : {}), ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }) };
  const result = await verifyRequest(scheme, request, keys, context);
  return result.verified ? result.secretIndex : result.code;
}

export function segment(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}
