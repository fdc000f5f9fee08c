/**
 * Packages that are left out of `package.json`, since each brings ten to a hundred megabytes for a proof that other packages
 * cover as well, or hands the work to one of them. Their oracles run where they are installed by hand, as with
 * `npm install --prefix test/oracles --no-save telnyx`.
 */
export const heavy: readonly string[] = [
  "@anthropic-ai/sdk",
  "@clerk/backend",
  "@elevenlabs/elevenlabs-js",
  "@line/bot-sdk",
  "@privy-io/node",
  "@shopify/shopify-api",
  "@wix/sdk",
  "cashfree-pg",
  "chargebee",
  "connect-sdk-nodejs",
  "creem",
  "dodopayments",
  "lithic",
  "mollie-api-typescript",
  "pg-sdk-node",
  "square",
  "stream-chat",
  "telnyx",
  "webflow-api",
];
