import { describe, expect, it } from "@jest/globals";
import { defineReceiver, hmac, standardWebhooks } from "../../src/receiver/index.ts";
import { maxSecrets, prepareKeys } from "../../src/receiver/secrets.ts";

const declaration = { name: "example", title: "Example", docs: "https://example.test", events: { value: "change" } };
const receiver = defineReceiver({ ...declaration, verify: hmac({ header: "x-signature" }), secretBytes: { min: 8, max: 16 } });

describe("prepareKeys", () => {
  it("takes one secret or a list, in its order", () => {
    expect(prepareKeys(receiver, "12345678")).toEqual({ keys: [Buffer.from("12345678")] });
    expect(prepareKeys(receiver, ["new-new-new", "old-old-old"])).toEqual({
      keys: [Buffer.from("new-new-new"), Buffer.from("old-old-old")],
    });
  });

  it.each([
    ["1234567", false],
    ["12345678", true],
    ["1234567890123456", true],
    ["12345678901234567", false],
    ["ÄÖÜß", true],
  ])("holds %j to the receiver's length in bytes: %s", (secret, fits) => expect("keys" in prepareKeys(receiver, secret)).toBe(fits));

  it("tells every fault with its position, and no secret", () => {
    const result = prepareKeys(receiver, ["12345678", "hunter2", " hunter2-hunter2", undefined]);
    expect(result).toMatchObject({ faults: [{ index: 1 }, { index: 2 }, { index: 3 }] });
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });

  it("refuses an empty list and more secrets than a rotation needs", () => {
    expect(prepareKeys(receiver, [])).toHaveProperty("faults");
    expect(prepareKeys(receiver, Array(maxSecrets).fill("12345678"))).toHaveProperty("keys");
    expect(prepareKeys(receiver, Array(maxSecrets + 1).fill("12345678"))).toHaveProperty("faults");
  });

  it.each([null, undefined, 7, {}, [["12345678"]]])("refuses %j", (secrets) =>
    expect(prepareKeys(receiver, secrets)).toHaveProperty("faults"),
  );

  it.each([
    [`whsec_${Buffer.alloc(23).toString("base64")}`, false],
    [`whsec_${Buffer.alloc(24).toString("base64")}`, true],
    [`whsec_${Buffer.alloc(64).toString("base64")}`, true],
    [`whsec_${Buffer.alloc(65).toString("base64")}`, false],
    ["whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", true],
    ["whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==", false],
  ])("counts the bytes of a key, not its characters: %s is accepted: %s", (secret, fits) => {
    const standard = defineReceiver({ ...declaration, verify: standardWebhooks(), secretBytes: { min: 24, max: 64 } });
    expect("keys" in prepareKeys(standard, secret)).toBe(fits);
  });
});
