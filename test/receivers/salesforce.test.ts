import { describe, expect, it } from "@jest/globals";
import { salesforce, salesforceAck, salesforceFault } from "../../receivers/salesforce.ts";
import { responseFault } from "../../src/pipeline/response.ts";
import { type Receiver, ReceiverRequest, type RequestParts, readSource, type Verification } from "../../src/receiver/index.ts";
import { prepareKeys } from "../../src/receiver/secrets.ts";
import { verifyRequest } from "../../src/receiver/verification.ts";
import { parseXml } from "../../src/receiver/xml.ts";

const organization = "00D30000000jtk6EAA";
const code = "7f3c9a1be5d04826b1c7a95e0d3f4862";

function envelope(head: string, notifications = ""): string {
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">${head}${notifications}</notifications></s:Body></s:Envelope>`;
}
const named = `<OrganizationId>${organization}</OrganizationId><ActionId>04k</ActionId>`;

function check(receiver: Receiver, secrets: readonly string[], body: string, query = `?code=${code}`): string | number {
  const parts: RequestParts = { method: "POST", url: `https://example.test/${query}`, rawHeaders: [], body: Buffer.from(body) };
  const keys = secrets.map((secret) => receiver.verify.secret.parse(secret));
  const result = verifyRequest(receiver.verify, new ReceiverRequest(parts), keys, { now: 0 }) as Verification;
  return result.verified ? result.secretIndex : result.code;
}

function read(text: string) {
  const request = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: [] });
  const content = Buffer.from(text);
  return { request, content, data: salesforce.data?.({ request, content, data: parseXml(text) }) };
}

describe("the proof", () => {
  const secret = `${organization}:${code}`;

  it("takes ids of 15 and of 18 characters for the same", () => {
    expect(check(salesforce, [secret], envelope(named))).toBe(0);
    expect(check(salesforce, [`${organization.slice(0, 15)}:${code}`], envelope(named))).toBe(0);
    expect(check(salesforce, [secret], envelope(named.replace(organization, organization.slice(0, 15))))).toBe(0);
  });

  it("needs the code and the organization that belong together", () => {
    const other = `00D30000000oth3:${"0".repeat(32)}`;
    expect(check(salesforce, [secret], envelope(named), "")).toBe("signature_missing");
    expect(check(salesforce, [secret], envelope(named), "?code=x")).toBe("token_mismatch");
    expect(check(salesforce, [secret], envelope(named), `?code=${code}&code=${code}`)).toBe("signature_repeated");
    expect(check(salesforce, [other], envelope(named))).toBe("key_unknown");
    expect(check(salesforce, [other, secret], envelope(named))).toBe(1);
    expect(check(salesforce, [other, secret], envelope(named), `?code=${"0".repeat(32)}`)).toBe("token_mismatch");
  });

  it.each([
    ["no organization", ""],
    ["two organizations", named + named],
    ["one in a comment", `<!--<OrganizationId>${organization}</OrganizationId>-->${named.replace(organization, "00D30000000oth3AAA")}`],
    ["one of another length", "<OrganizationId>00D3</OrganizationId>"],
    ["one in a CDATA section", `<OrganizationId><![CDATA[${organization}]]></OrganizationId>`],
  ])("is refused with %s", (_what, head) => {
    expect(check(salesforce, [secret], envelope(head))).toBe("key_unknown");
  });

  it.each(["<OrganizationId", "<OrganizationId ", "<OrganizationId>", "<OrganizationId a="])(
    "is refused in no time with %j over and over",
    (part) => {
      const start = performance.now();
      expect(check(salesforce, [secret], part.repeat(1_000_000 / part.length))).toBe("key_unknown");
      expect(performance.now() - start).toBeLessThan(5_000);
    },
  );

  it("is the organization alone only where the setting says so", () => {
    expect(salesforce.verify.secret.parse(organization)).toBeUndefined();
    const legacy = salesforce.configure({ legacyOrganizationId: true });
    expect(check(legacy, [organization], envelope(named), "")).toBe(0);
    expect(check(legacy, ["00D30000000oth3AAA"], envelope(named), "")).toBe("key_unknown");
    expect(legacy.verify.bodyBound).toBe(false);
  });

  it.each([
    [`${organization}:${code}`, true],
    [`${organization}:short`, false],
    [`00D3:${code}`, false],
    [code, false],
  ])("takes the secret %j: %j", (text, fits) => expect("keys" in prepareKeys(salesforce, text)).toBe(fits));
});

describe("a message", () => {
  const object = (fields: string, type = "sf:Contact") =>
    `<Notification><Id>04l1</Id><sObject xmlns:sf="urn:x" xmlns:xsi="urn:y" xsi:type="${type}">${fields}</sObject></Notification>`;

  it("has the members and fields that handlers of ASP.NET WebHooks know", () => {
    const { data } = read(envelope(named, object('<sf:Id>003</sf:Id><sf:Name>A &amp; B</sf:Name><sf:Phone xsi:nil="true"/>')));
    expect(data).toEqual({
      OrganizationId: organization,
      ActionId: "04k",
      SessionId: "",
      EnterpriseUrl: "",
      PartnerUrl: "",
      Notifications: [{ Id: "003", Name: "A & B", Phone: "", _NotificationId: "04l1", _NotificationType: "Contact" }],
    });
  });

  it("cannot have its notification renamed by a field", () => {
    const { data } = read(envelope(named, object("<sf:_NotificationId>x</sf:_NotificationId>")));
    expect(data).toMatchObject({ Notifications: [{ _NotificationId: "04l1" }] });
  });

  it("without an action has no event, and with several objects the type of each once", () => {
    expect(readSource(salesforce.events, read(envelope(`<OrganizationId>${organization}</OrganizationId>`, object(""))))).toEqual([]);
    expect(readSource(salesforce.events, read(envelope(named, object("") + object("", "sf:Lead") + object(""))))).toEqual([
      "04k",
      "Contact",
      "Lead",
    ]);
  });

  it("is refused where it is none, or its organization is not the one of the proof", () => {
    const malformed = expect.objectContaining({ code: "malformed_body" });
    expect(() => read("<a/>")).toThrow(malformed);
    expect(() => read(envelope(named.replaceAll("OrganizationId", "x:OrganizationId")))).toThrow(malformed);
  });

  it("is refused with a field that would change a prototype", () => {
    expect(() => read(envelope(named, object("<sf:__proto__>x</sf:__proto__>")))).toThrow(
      expect.objectContaining({ code: "hostile_body" }),
    );
  });
});

describe("an answer", () => {
  const anyRequest = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: [] });
  const shaped = (answer: Parameters<NonNullable<typeof salesforce.shapeAnswer>>[0]) => salesforce.shapeAnswer?.(answer, anyRequest);

  it("is an acknowledgement or a fault that can be sent, with its text escaped", () => {
    const fault = salesforceFault(`a < b & "c"\u0000`);
    for (const answer of [salesforceAck(), fault]) expect(responseFault(answer)).toBeUndefined();
    expect(parseXml(String(salesforceAck().body))).toMatchObject({
      "soapenv:Envelope": { "soapenv:Body": { notificationsResponse: { Ack: "true" } } },
    });
    expect(parseXml(String(fault.body))).toMatchObject({
      "soapenv:Envelope": { "soapenv:Body": { "soapenv:Fault": { faultcode: "soapenv:Client", faultstring: `a < b & "c"` } } },
    });
    expect(fault.status).toBe(400);
  });

  it.each(["text/xml", "application/xml; charset=utf-8", "application/soap+xml;x=y"])("of a handler in %s stays", (type) => {
    const own = { status: 200, headers: { "Content-Type": type }, body: "<a/>" };
    expect(shaped(own)).toBe(own);
  });

  it("of a handler in another form is acknowledged or becomes a fault", () => {
    expect(shaped({ status: 202, headers: { "content-type": "application/json", "x-a": "b" }, body: "{}" })).toEqual({
      ...salesforceAck(),
      status: 202,
      headers: { "x-a": "b", "content-type": "text/xml; charset=utf-8" },
    });
    expect(shaped({ status: 204 })).toEqual(salesforceAck());
    expect(shaped({ status: 500, headers: { "content-type": "application/json" }, body: '{"error":"<x>"}' })).toMatchObject({
      status: 500,
      body: expect.stringContaining("{&#34;error&#34;:&#34;&#60;x&#62;&#34;}"),
    });
    expect(shaped({ status: 410 })).toMatchObject({
      status: 410,
      body: expect.stringContaining("<faultstring>The message was not taken.<"),
    });
  });

  it("to a failed proof is a fault that says nothing", () => {
    expect(salesforce.refusal).toMatchObject({ status: 401, body: expect.stringContaining("The message is not authentic.") });
  });
});
