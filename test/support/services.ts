import { describe, it } from "@jest/globals";

export { isServiceThere, type ServiceName, serviceUrl } from "./service-places.ts";

/** Whether a missing server fails its suites instead of skipping them. */
export const areServicesRequired = process.env["HOOKWRIGHT_REQUIRE_SERVICES"] === "1";

/** A suite that needs something: skipped by name where that is missing, failed where it is required. */
export function describeWith(needed: string, isThere: boolean, name: string, suite: () => void): void {
  if (isThere) describe(name, suite);
  else if (areServicesRequired)
    it(`${name}: needs ${needed}`, () => {
      throw new Error(`${needed} is not there, and HOOKWRIGHT_REQUIRE_SERVICES=1 requires it.`);
    });
  else describe.skip(`${name} (${needed} is not there)`, suite);
}
