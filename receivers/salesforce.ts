import { createHash } from "node:crypto";
import {
  type DefaultAnswer,
  defineReceiver,
  escapeXml,
  failed,
  flagSetting,
  isSameText,
  type LocalScheme,
  payloadTypes,
  RequestError,
  token,
  type VerifiedRequest,
} from "../src/receiver/index.ts";

/**
 * Salesforce outbound messages: SOAP with the id of the organization, which is known to many and proves nothing, so a code in the
 * URL is demanded beside it. The events are `ActionId` and the types of the objects. Unless a handler answers in XML, the answer
 * is an acknowledgement, or a SOAP fault, after which Salesforce sends the message again.
 */
export const salesforce = defineReceiver({
  name: "salesforce",
  aliases: ["sfsoap"],
  title: "Salesforce",
  docs: "https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm",
  category: "support and CRM",
  confirmed: "documented",
  setup:
    "Under Setup, Outbound Messages, create one with the URL and `?code=<code>`; the organization's id stands under Company Information.",
  secretName: "`<organization id>:<code>`, the code a secret of your own that stands in the URL as `?code=…`",
  eventNames: "The `ActionId`, such as `04k…`, and the type of each object, such as `Contact`.",
  notes: [
    "The proof says nothing about the body: fetch the objects before acting on them, or demand Salesforce's client certificate in the proxy.",
    "`SessionId` is a credential for the organization's API. Do not log it, and leave Send Session ID off: the queue stores the body.",
    "A message that is sent again can hold other notifications; the delivery id is theirs together. `_NotificationId` names each.",
  ],
  settings: {
    legacyOrganizationId: flagSetting({
      about:
        "Demands no code: the organization id alone is configured and compared, as ASP.NET WebHooks did. Whoever knows the id can send.",
    }),
  },
  verify: ({ legacyOrganizationId }) => (legacyOrganizationId ? organizationOnly() : organizationAndCode()),
  secretBytes: { min: 15 },
  body: "xml",
  data: readMessage,
  events: ({ data }) => {
    const { ActionId, Notifications } = data as SalesforceMessage;
    return ActionId === "" ? [] : [ActionId, ...Notifications.map(({ _NotificationType }) => _NotificationType)];
  },
  deliveryId: ({ data }) => {
    const ids = (data as SalesforceMessage).Notifications.map(({ _NotificationId }) => _NotificationId);
    return ids.length > 1 ? createHash("sha256").update(ids.join()).digest("hex") : ids[0];
  },
  account: { body: "OrganizationId" },
  payloads: payloadTypes<{ "*": SalesforceMessage }>(),
  respond: salesforceAck(),
  refusal: { ...salesforceFault("The message is not authentic."), status: 401 },
  shapeAnswer,
});

/** An outbound message. */
export interface SalesforceMessage {
  readonly OrganizationId: string;
  /** The outbound message that was set up. */
  readonly ActionId: string;
  /** A credential. Empty unless Send Session ID is on. */
  readonly SessionId: string;
  readonly EnterpriseUrl: string;
  readonly PartnerUrl: string;
  readonly Notifications: readonly SalesforceNotification[];
}

/** One object: its fields by their name, and what names the notification. */
export interface SalesforceNotification {
  /** The same when the notification is sent again. */
  readonly _NotificationId: string;
  /** Type of the object, such as `Contact`. */
  readonly _NotificationType: string;
  readonly [field: string]: unknown;
}

/** The acknowledgement: Salesforce does not send the message again. What is answered unless a handler says otherwise. */
export function salesforceAck(): DefaultAnswer {
  return soap(200, '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>');
}

/**
 * A SOAP fault: Salesforce shows the text and sends the message again.
 *
 * @example context.response = salesforceFault("The account is locked.");
 */
export function salesforceFault(text: string): DefaultAnswer {
  return soap(400, `<soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>${escapeXml(text)}</faultstring></soapenv:Fault>`);
}

function soap(status: number, body: string): DefaultAnswer {
  return {
    status,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  };
}

/** XML stays. Of anything else a success becomes the acknowledgement, and a failure a fault. */
function shapeAnswer(answer: DefaultAnswer): DefaultAnswer {
  const { status, headers = {}, body } = answer;
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
  if (/^(?:application|text)\/(?:[^;\s]+\+)?xml\s*(?:;|$)/i.test(type ?? "")) return answer;
  const isSuccess = status >= 200 && status <= 299;
  const soaped = isSuccess
    ? salesforceAck()
    : salesforceFault(typeof body === "string" && body !== "" ? body : "The message was not taken.");
  // 204 and 205 have no body, so no acknowledgement would arrive.
  return { ...soaped, status: status === 204 || status === 205 ? 200 : status, headers: { ...withoutType(headers), ...soaped.headers } };
}

function withoutType(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "content-type"));
}

interface SalesforceKey {
  /** 15 characters: the last three of 18 are a check sum. */
  readonly organization: string;
  readonly code: Buffer;
}

/** The code in the URL, together with the organization that it is for. */
function organizationAndCode(): LocalScheme<SalesforceKey> {
  const code = token({ parameter: "code" });
  return {
    ...code,
    secret: {
      description: "`<organization id>:<code>`",
      parse: (text) => {
        const [, organization = "", rest = ""] = /^([A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?):(.+)$/s.exec(text) ?? [];
        const key = rest === "" ? undefined : code.secret.parse(rest);
        return key && { organization: organization.slice(0, 15), code: key };
      },
      byteLength: (text) => Buffer.byteLength(text.replace(/^[^:]*:/, ""), "utf8"),
    },
    verify(request, keys, context) {
      const organization = organizationIn(request.body.toString("utf8"));
      const positions = keys.flatMap((key, position) => (isSameText(key.organization, organization?.slice(0, 15)) ? [position] : []));
      const candidates = positions.flatMap((position) => keys[position]?.code ?? []);
      const found = code.verify(request, candidates, context);
      if (found.verified) return { ...found, secretIndex: positions[found.secretIndex] ?? -1 };
      return positions.length > 0 || found.code !== "token_mismatch" ? found : otherOrganization;
    },
    sign: (request, secret, context) => code.sign?.(request, secret.replace(/^[^:]*:/, ""), context) ?? { headers: {} },
  };
}

/** The organization alone. */
function organizationOnly(): LocalScheme<string> {
  return {
    name: "token",
    secret: {
      description: "an organization id of 15 or 18 characters",
      parse: (text) => (/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(text) ? text.slice(0, 15) : undefined),
      byteLength: (text) => text.length,
    },
    bodyBound: false,
    signsUrl: false,
    proofHeaders: [],
    proofParameters: [],
    verify(request, keys) {
      const organization = organizationIn(request.body.toString("utf8"))?.slice(0, 15);
      const secretIndex = keys.findIndex((key) => isSameText(key, organization));
      return secretIndex < 0 ? otherOrganization : { verified: true, secretIndex };
    },
  };
}

const otherOrganization = failed("key_unknown", "The message names no organization, or none that is configured.");

/**
 * The organization that a message names, read from its bytes before anything is believed. It must be named exactly once. No part of
 * the pattern runs past a `<`, so that a body of many such names is read once and not once for each.
 */
function organizationIn(text: string): string | undefined {
  const [one, ...more] = text.matchAll(/<OrganizationId(?:\s[^<>]*)?>([^<]*)/g);
  const id = one?.[1] ?? "";
  return more.length === 0 && /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id) ? id : undefined;
}

/** The message without its envelope. Fields lose their prefix; one that occurs more than once has a list. */
function readMessage({ data, content }: VerifiedRequest): SalesforceMessage {
  const message = memberOf(memberOf(memberOf(data, "Envelope"), "Body"), "notifications");
  const textOf = (name: string): string => textIn(memberOf(message, name));
  if (textOf("OrganizationId") !== organizationIn(content.toString("utf8")))
    throw new RequestError("malformed_body", "The body is not an outbound message, or names its organization in an unexpected way.");
  const notifications = [memberOf(message, "Notification") ?? []].flat();
  return {
    OrganizationId: textOf("OrganizationId"),
    ActionId: textOf("ActionId"),
    SessionId: textOf("SessionId"),
    EnterpriseUrl: textOf("EnterpriseUrl"),
    PartnerUrl: textOf("PartnerUrl"),
    Notifications: notifications.map(readNotification),
  };
}

function readNotification(notification: unknown): SalesforceNotification {
  const object = memberOf(notification, "sObject");
  const fields = membersOf(object).filter(([name]) => !name.startsWith("@") && name !== "#text");
  return {
    ...Object.fromEntries(fields.map(([name, value]) => [name, Array.isArray(value) ? value.map(textIn) : textIn(value)])),
    _NotificationId: textIn(memberOf(notification, "Id")),
    _NotificationType: localName(textIn(membersOf(object).find(([name]) => name === "@type")?.[1])),
  };
}

/** Members by their local name. Prefixes are the sender's choice. */
function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, member]) => {
    const local = name.startsWith("@") ? `@${localName(name.slice(1))}` : localName(name);
    if (local === "__proto__") throw new RequestError("hostile_body");
    return [local, member];
  });
}

function memberOf(value: unknown, name: string): unknown {
  return membersOf(value).find(([local]) => local === name)?.[1];
}

/** An element with attributes is an object; a nil one has no text. */
function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  const text = typeof value === "object" && value !== null && "#text" in value ? value["#text"] : undefined;
  return typeof text === "string" ? text : "";
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
