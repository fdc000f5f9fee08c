import { describe, expect, it } from "@jest/globals";
import { capabilitiesOf } from "../../src/queue/capabilities.ts";
import { describeContents } from "./conformance-contents.ts";
import { describeLeases } from "./conformance-leases.ts";
import { describeOperators } from "./conformance-operators.ts";
import { describeOrder } from "./conformance-order.ts";
import { describeOrdering } from "./conformance-ordering.ts";
import { describeSettlements } from "./conformance-settlements.ts";
import { describeSharing } from "./conformance-sharing.ts";
import { QueueSuite, type QueueUnderTest } from "./conformance-suite.ts";

export { newJob, type QueueUnderTest } from "./conformance-suite.ts";

/** Checks every promise of the queue contract against a driver; of what its capabilities deny, that it says so. */
export function describeQueue(name: string, underTest: QueueUnderTest): void {
  describe(name, () => {
    const suite = new QueueSuite(underTest);

    it("states what its engine can do", () => {
      expect(capabilitiesOf(suite.queue)).toEqual({ ...suite.can, engine: capabilitiesOf(suite.queue).engine });
    });

    describeContents(suite);
    describeOrder(suite);
    describeLeases(suite);
    describeSettlements(suite);
    describeOperators(suite);
    describeOrdering(suite);
    describeSharing(suite);
  });
}
