import { isUtf8 } from "node:buffer";
import { defineReceiver, failed, hmac, type ReceiverRequest, type SignedAlternatives } from "../src/receiver/index.ts";

/**
 * Box: HMAC-SHA256 of the body and the delivery time behind it, one signature by the primary key and one by the secondary; either
 * will do. The event is the body's `trigger`, such as `FILE.UPLOADED`.
 */
export const box = defineReceiver({
  name: "box",
  title: "Box",
  docs: "https://developer.box.com/guides/webhooks/v2/signatures-v2/",
  category: "content, forms, signing, files",
  confirmed: ["library", "vector"],
  setup: "Generate primary and secondary signature keys under Webhooks, Manage signature keys of the app in the developer console.",
  secretName: "the app's signature keys, the primary one first",
  eventNames: "The body's `trigger`, such as `FILE.UPLOADED` or `FOLDER.RENAMED`.",
  notes: [
    "The delivery id is the signed body's `id`, not the header `BOX-DELIVERY-ID`, which is not signed.",
    "As in Box's own library, the signature may be over the body with all that is not ASCII as `\\uXXXX` and slashes as `\\/`.",
  ],
  verify: hmac({
    header: ["BOX-SIGNATURE-PRIMARY", "BOX-SIGNATURE-SECONDARY"],
    encoding: "base64",
    timestampHeader: "BOX-DELIVERY-TIMESTAMP",
    timeUnit: "iso",
    tolerance: { pastSeconds: 600, futureSeconds: 60 },
    signed: {
      coversBody: true,
      coversUrl: false,
      headers: ["box-signature-version", "box-signature-algorithm"],
      read: signedTexts,
    },
  }),
  events: { body: "trigger" },
  deliveryId: { body: "id" },
  sentAt: { from: { header: "BOX-DELIVERY-TIMESTAMP" }, unit: "iso" },
  safeHeaders: ["BOX-DELIVERY-ID"],
  sample: () => ({ headers: { "BOX-SIGNATURE-VERSION": "1", "BOX-SIGNATURE-ALGORITHM": "HmacSHA256" } }),
});

function signedTexts({ headers, body }: ReceiverRequest, timestamp: string): SignedAlternatives {
  if (headers.get("BOX-SIGNATURE-VERSION") !== "1" || headers.get("BOX-SIGNATURE-ALGORITHM") !== "HmacSHA256")
    return failed("signature_malformed", "The signature is not of version 1 with the algorithm HmacSHA256.");
  const isEscapable = body.length <= maxEscaped && isUtf8(body);
  return { alternatives: [[body, timestamp], ...(isEscapable ? [[escaped(body.toString("utf8")), timestamp]] : [])] };
}

function escaped(text: string): string {
  const ascii = text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return ascii.replace(/(?<!\\)\//g, "\\/");
}

/** Far more than Box sends; escaping is work that a stranger can cause. */
const maxEscaped = 128 * 1024;
