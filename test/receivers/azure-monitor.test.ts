import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { SignJWT } from "jose";
import { azureMonitor } from "../../receivers/azure-monitor.ts";
import { ReceiverRequest } from "../../src/receiver/index.ts";
import { verifyRequest } from "../../src/receiver/verification.ts";
import { recordedDocuments } from "../../src/testing/recorded-documents.ts";

const tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const audience = "api://6b3e9a0c-4d1f-4f7a-8c2b-5e0d9f1a7b36";
const now = 1_700_000_000;
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", use: "sig" }] });
const remote = recordedDocuments({ [`https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`]: keys });

const good = {
  iss: `https://sts.windows.net/${tenant}/`,
  aud: audience,
  exp: now + 60,
  appid: "461e8683-5575-4561-ac7f-899cc907d62a",
  roles: ["ActionGroupsSecureWebhook"],
};

async function check(claims: Record<string, unknown>, query = ""): Promise<string | true> {
  const token = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "k1" }).sign(privateKey);
  const { verify } = azureMonitor.configure({ entraTenant: tenant });
  const rawHeaders = ["Authorization", `Bearer ${token}`];
  const request = new ReceiverRequest({ method: "POST", url: `https://example.test/${query}`, rawHeaders, body: Buffer.from("{}") });
  const result = await verifyRequest(verify, request, [verify.secret.parse(audience)], { now, remote });
  return result.verified || result.code;
}

describe("a secure webhook", () => {
  it("is proved by the token of action groups, of either version", async () => {
    expect(await check(good)).toBe(true);
    const { appid, ...rest } = good;
    expect(await check({ ...rest, azp: appid, iss: `https://login.microsoftonline.com/${tenant}/v2.0` })).toBe(true);
  });

  it.each([
    ["another caller", { appid: "00000000-0000-0000-0000-000000000000" }],
    ["no caller", { appid: undefined }],
    ["no role", { roles: undefined }],
    ["another role", { roles: ["Reader"] }],
    ["a role as text", { roles: "ActionGroupsSecureWebhook" }],
    ["another tenant", { iss: "https://sts.windows.net/00000000-0000-0000-0000-000000000000/" }],
    ["another audience", { aud: "api://other" }],
    ["no expiry", { exp: undefined }],
  ])("is refused with %s", async (_what, claims) => {
    expect(await check({ ...good, ...claims })).toBe("claim_mismatch");
  });

  it("is refused after its time", async () => {
    expect(await check({ ...good, exp: now - 61 })).toBe("token_expired");
  });

  it("cannot be replaced by a code", async () => {
    const { verify } = azureMonitor.configure({ entraTenant: tenant });
    const request = new ReceiverRequest({ method: "POST", url: `https://example.test/?code=${audience}`, rawHeaders: [] });
    expect(await verifyRequest(verify, request, [verify.secret.parse(audience)], { now, remote })).toMatchObject({
      code: "signature_missing",
    });
  });
});
