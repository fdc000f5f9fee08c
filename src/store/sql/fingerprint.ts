import { hash } from "node:crypto";
import type { DeliveryKey } from "../store.ts";

/** A key as the database has it: short, whatever a provider sends, and telling nothing of the delivery. */
export function fingerprint({ receiver, id, deliveryId }: DeliveryKey): string {
  return hash("sha256", JSON.stringify([receiver, id, deliveryId]), "base64url").slice(0, fingerprintLength);
}

/** 132 bits. */
const fingerprintLength = 22;
