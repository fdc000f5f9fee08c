/** What is known of a delivery that has just come in. */
export type DeliveryClaim =
  /** Not seen before, or an earlier run failed or died: this caller runs it, and then completes or releases it. */
  | { readonly state: "claimed"; readonly claim: string }
  /** Another caller is running it. */
  | { readonly state: "running" }
  /** It has been handled. `sameBody` is false where the body differs from the one that was handled. */
  | { readonly state: "done"; readonly sameBody: boolean };

/** Identity of a delivery, and a checksum of its body to notice two deliveries under one id. */
export interface DeliveryKey {
  readonly receiver: string;
  readonly id: string;
  readonly deliveryId: string;
  readonly bodyChecksum: number;
}

/**
 * Facts: which deliveries have been seen. What every driver promises, and the conformance suite checks:
 *
 * 1. Of any number of callers that claim one key at once, in any number of processes on the same store, one gets `claimed`.
 * 2. A claim that is neither completed nor released within `leaseMs` may be claimed again; completing or releasing under the old
 *    claim then changes nothing.
 * 3. A completed key answers `done` until `retentionMs` have passed since completion, and is forgotten some time later,
 *    so that the store stays bounded.
 * 4. After `close`, every method rejects with `closed`.
 */
export interface Store {
  /** Claims the right to handle a delivery. */
  claimDelivery(key: DeliveryKey, options: { readonly leaseMs: number }): Promise<DeliveryClaim>;
  /** Records that it has been handled. A crash may lose the record, which then only means another run. */
  completeDelivery(key: DeliveryKey, claim: string, options: { readonly retentionMs: number }): Promise<void>;
  /** Gives it back, so that the provider's next try runs. */
  releaseDelivery(key: DeliveryKey, claim: string): Promise<void>;
  close(): Promise<void>;
}
