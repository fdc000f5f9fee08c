import { describe, expect, it } from "@jest/globals";
import { loadOracles, receiverOf } from "./catalogue.ts";
import { jsonBodies, type Oracle } from "./oracle.ts";
import { acceptedByPackage, signedByPackage, signedByUs, tampered, verifiedByUs } from "./run-oracle.ts";

const entries = await Promise.all((await loadOracles()).map(entryOf));

for (const { oracle, receiver, fault } of entries) {
  const bodies = bodiesOf(oracle, seconds()).map((body, index): [string, number] => [body, index]);

  describe(`${oracle.slug} and ${oracle.package}`, () => {
    if (oracle.accepts) {
      it.each(bodies)("has the package accept %j as the provider signs it, and refuse it changed", (_body, index) =>
        checkPackage(oracle, index),
      );
    }

    if (receiver === undefined) {
      it("has a receiver", () => (fault === undefined ? expect(receiver).toBeDefined() : Promise.reject(fault)));
      return;
    }

    if (oracle.compute || oracle.sign) {
      it.each(bodies)("has the receiver accept %j as the provider signs it, and refuse it changed", async (_body, index) => {
        const now = seconds();
        const sent = await signedByPackage(oracle, bodiesOf(oracle, now)[index] ?? "", now);
        expect(await verifiedByUs(receiver, oracle, sent, now)).toMatchObject({ verified: true });
        expect(await verifiedByUs(receiver, oracle, tampered(oracle, sent), now)).toMatchObject({ verified: false });
      });
    }

    const ourBodies = oracle.unsigned?.map((body): [string, number] => [body, -1]) ?? bodies;
    if (oracle.accepts && receiver.verify.sign && ourBodies.length > 0) {
      it.each(ourBodies)("has the package accept %j as we sign it, and refuse it changed", async (body, index) => {
        const now = seconds();
        const sent = signedByUs(receiver, oracle, bodiesOf(oracle, now)[index] ?? body, now);
        expect(await acceptedByPackage(oracle, sent)).toBe(true);
        expect(await acceptedByPackage(oracle, tampered(oracle, sent))).toBe(false);
      });
    }
  });
}

async function entryOf(oracle: Oracle) {
  try {
    return { oracle, receiver: await receiverOf(oracle) };
  } catch (fault) {
    return { oracle, fault };
  }
}

/** Bodies may hold the time, and some packages allow few seconds: so they are made again for each test. */
function bodiesOf({ bodies = jsonBodies }: Oracle, now: number): readonly string[] {
  return typeof bodies === "function" ? bodies(now) : bodies;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

async function checkPackage(oracle: Oracle, index: number): Promise<void> {
  const now = seconds();
  const sent = await signedByPackage(oracle, bodiesOf(oracle, now)[index] ?? "", now);
  // With its error, should it be refused.
  expect(await oracle.accepts?.(sent, oracle.secret)).toBeTruthy();
  expect(await acceptedByPackage(oracle, tampered(oracle, sent))).toBe(false);
}
